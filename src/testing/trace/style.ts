/** The style sheet of a trace's page, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8888; --alert: #c22; --fault: #b60; }
@media (prefers-color-scheme: dark) { :root { --alert: #f77; --fault: #fb5; } }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.3rem; }
h2 { font-size: .8rem; font-weight: normal; opacity: .7; margin: 1.2rem 0 .2rem; }
p { margin: .2rem 0; }
main { border: solid var(--line); border-width: 0 2px; padding: 0 1rem 1rem;
  margin-top: 3rem; }
.ends { display: flex; justify-content: space-between; font-weight: bold;
  margin: 0 -1.5rem; transform: translateY(-1.7rem); }
.server, .server summary { text-align: right; }
.server dl, .server ol { text-align: left; }
summary { cursor: pointer; display: block; padding: .1rem 0; }
summary::-webkit-details-marker { display: none; }
summary i { display: block; border-top: 1px solid; margin: .1rem 0; position: relative; }
.encrypted > summary i { border-top: 3px double; }
.client summary i::after { content: "▶"; position: absolute; right: -.3em; top: -.85em; }
.server summary i::after { content: "◀"; position: absolute; left: -.3em; top: -.85em; }
.client .missing i::after, .server .missing i::after { content: "✗"; }
summary ul { list-style: none; margin: 0; padding: 0 1rem; font-size: .85rem;
  opacity: .85; }
summary li { display: inline; }
summary li + li::before { content: " · "; }
summary em { font-size: .85rem; }
.fatal > summary b { color: var(--alert); }
.fault > summary { color: var(--fault); }
.fault > summary i { border-top-style: dashed; }
.note { color: var(--fault); border: 1px dashed; text-align: center; margin: .6rem 0; }
.note::before { content: "!! "; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem;
  font: .8rem/1.4 ui-monospace, monospace; margin: .3rem 0; }
dt { opacity: .7; }
dd { margin: 0; overflow-wrap: anywhere; }
ol { margin: 0; padding-left: 2rem; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
`;
