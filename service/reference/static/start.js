"use strict";
// What Swagger UI leaves without a name, a landmark or the level of a heading.
const NAMES = { "#servers": "Server" };
const LANDMARKS = { ".information-container": "About", ".scheme-container": "Server and key", ".filter-container": "Filter" };
const SECOND_LEVEL = "h3.opblock-tag, .models > h4";
function complete() {
  for (const [selector, name] of Object.entries(NAMES)) document.querySelector(selector)?.setAttribute("aria-label", name);
  for (const [selector, name] of Object.entries(LANDMARKS)) {
    const part = document.querySelector(selector);
    part?.setAttribute("role", "region");
    part?.setAttribute("aria-label", name);
  }
  document.querySelectorAll(SECOND_LEVEL).forEach((each) => each.setAttribute("aria-level", "2"));
}
document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches);
SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
  onComplete: complete,
});
