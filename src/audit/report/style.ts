/** The style sheet of a report's page, light and dark. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --fail: #b3261e; --warn: #8a5300; --inconclusive: #4a5a6a;
  --pass: #1d6b33; --none: #666; --edge: #8886; --page: #fff; --ink: #1b1b1b; }
@media (prefers-color-scheme: dark) { :root { --fail: #ff8a80; --warn: #ffb95c;
  --inconclusive: #a9bccd; --pass: #7fd694; --none: #aaa; --page: #16181b; --ink: #e6e6e6; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 0 auto;
  padding: 1rem; background: var(--page); color: var(--ink); overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: .5rem 0 1rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .3rem; }
h3 { font-size: 1rem; margin: 0 0 .2rem; }
p { margin: .3rem 0; }
a { color: inherit; }
code { font: .9em ui-monospace, monospace; }
nav ul, .list ul { list-style: none; padding: 0; margin: 0; }
nav li { padding: .3rem 0; }
small { display: block; opacity: .75; }
.cost, .probe, .references { opacity: .75; font-size: .9rem; }
.badge { display: inline-block; border: 1px solid; border-radius: 1em; padding: 0 .6em;
  font-size: .8rem; font-weight: 600; white-space: nowrap; }
.badge.fail, .failure { color: var(--fail); }
.badge.warn { color: var(--warn); }
.badge.inconclusive { color: var(--inconclusive); }
.badge.pass { color: var(--pass); }
.badge.none { color: var(--none); }
.failure { font-weight: 600; }
article { border: 1px solid var(--edge); border-left-width: 5px; border-radius: 6px;
  padding: .7rem .9rem; margin: .8rem 0; }
article.fail { border-left-color: var(--fail); }
article.warn { border-left-color: var(--warn); }
article.inconclusive { border-left-color: var(--inconclusive); }
summary { cursor: pointer; padding: .35rem 0; }
.list { margin: 1rem 0; }
.list > summary { font-weight: 600; }
.list li { padding: .4rem 0; border-top: 1px solid var(--edge); }
.facts { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr;
  gap: .1rem 1rem; font-size: .9rem; margin: 0 0 .4rem; }
.facts dt { opacity: .75; }
.facts dd { margin: 0; }
`;
