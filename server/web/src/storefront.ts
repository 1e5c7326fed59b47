// The live parts of a storefront's pages. Each page is whole without them.
export {};
