// The reference follows the system's colours, also when they change while the page is open, and the width of the window: on a
// narrow one, operations unfold in place, since there is no room for a list of them at the side.
const reference = document.querySelector("rapi-doc");
const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 768px)"); // where RapiDoc drops its side bar

function apply() {
  const colours = dark.matches
    ? { theme: "dark", "bg-color": "#10161d", "text-color": "#dbe3ea", "nav-bg-color": "#0b1016", "nav-text-color": "#c3ced8", "primary-color": "#2dd4bf" }
    : { theme: "light", "bg-color": "#ffffff", "text-color": "#1c2733", "nav-bg-color": "#f3f6f8", "nav-text-color": "#33424f", "primary-color": "#0f766e" };
  const layout = narrow.matches ? { "render-style": "view", "schema-style": "tree" } : { "render-style": "read", "schema-style": "table" };
  for (const [name, value] of Object.entries({ ...colours, ...layout }))
    if (reference.getAttribute(name) !== value) reference.setAttribute(name, value);
}

apply();
dark.addEventListener("change", apply);
narrow.addEventListener("change", apply);
