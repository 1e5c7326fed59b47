// A storefront's pages inside a frame of the widget: the same live parts.
import "./storefront";
