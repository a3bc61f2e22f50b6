/** The style sheet of a trace's page, light and dark. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.3rem; }
p { margin: .2rem 0; }
main { margin-top: 3rem; }
summary { cursor: pointer; }
`;

/** The style sheet of a ladder in a page, light and dark. */
export const LADDER_STYLE = `
.ladder { --line: #8888; --alert: #c22; --fault: #b60; border: solid var(--line);
  border-width: 0 2px; padding: 0 1rem 1rem; margin: 1.7rem .6rem 0; }
@media (prefers-color-scheme: dark) { .ladder { --alert: #f77; --fault: #fb5; } }
.ladder .ends { display: flex; justify-content: space-between; font-weight: bold;
  margin: 0 -1.5rem; transform: translateY(-1.7rem); }
.ladder .flight { font-size: .8rem; opacity: .7; margin: 1.2rem 0 .2rem; }
.ladder .server, .ladder .server .message { text-align: right; }
.ladder .server dl, .ladder .server ol { text-align: left; }
.ladder .message { display: block; padding: .1rem 0; }
.ladder .message::-webkit-details-marker { display: none; }
.ladder .message i { display: block; border-top: 1px solid; margin: .1rem 0;
  position: relative; }
.ladder .encrypted i { border-top: 3px double; }
.ladder .client i::after { content: "▶"; position: absolute; right: -.3em; top: -.85em; }
.ladder .server i::after { content: "◀"; position: absolute; left: -.3em; top: -.85em; }
.ladder .client .missing i::after, .ladder .server .missing i::after { content: "✗"; }
.ladder .message ul { list-style: none; margin: 0; padding: 0 1rem; font-size: .85rem;
  opacity: .85; overflow-wrap: anywhere; }
.ladder .message li { display: inline; }
.ladder .message li + li::before { content: " · "; }
.ladder .message em { font-size: .85rem; }
.ladder .fatal b { color: var(--alert); }
.ladder .fault { color: var(--fault); }
.ladder .fault i { border-top-style: dashed; }
.ladder .note { color: var(--fault); border: 1px dashed; text-align: center;
  margin: .6rem 0; }
.ladder .note::before { content: "!! "; }
.ladder dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem;
  font: .8rem/1.4 ui-monospace, monospace; margin: .3rem 0; }
.ladder dt { opacity: .7; }
.ladder dd { margin: 0; overflow-wrap: anywhere; }
.ladder ol { margin: 0; padding-left: 2rem; }
.ladder .sr { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
`;
