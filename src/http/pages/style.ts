/** The one style sheet: light and dark, screen and paper. Contrast is at least 4.5 to 1 for text in either. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf8; --paper: #ffffff; --ink: #1d2126; --soft: #575f69; --line: #dfdcd6; --link: #0b57a4;
  --approve: #1b6e3c; --approve-ground: #e3f3e8; --escalate: #8a4b00; --escalate-ground: #fdf0dc;
  --deny: #a3231f; --deny-ground: #fce8e6; --abstain: #575f69; --abstain-ground: #eceae6;
  --unknown: #6a3d9c; --unknown-ground: #f1e9fa; --shift: #b9c3ce; --now: #b3261e;
  --fill-approved: #3d9a62; --fill-escalated: #e2a13c; --fill-unknown: #8f65c0; --fill-denied: #cf4a44; --fill-abstained: #a3a9b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --paper: #1c2024; --ink: #e8e6e1; --soft: #a7aeb7; --line: #343a41; --link: #8ebdf2;
    --approve: #86d6a2; --approve-ground: #17382432; --escalate: #f0be73; --escalate-ground: #4a320c66;
    --deny: #f2a19c; --deny-ground: #53201d66; --abstain: #b7bdc5; --abstain-ground: #33393f;
    --unknown: #ccb0ec; --unknown-ground: #3b275366; --shift: #4b5661; --now: #ff8a80;
    --fill-approved: #4fae76; --fill-escalated: #d99a3a; --fill-unknown: #9c77cc; --fill-denied: #d8605a; --fill-abstained: #767d86;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0 auto; max-width: 74rem; padding: 0 1.5rem 3rem; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .4rem .8rem; }
.top { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: baseline; border-bottom: 1px solid var(--line); padding: 1.1rem 0 .9rem; margin-bottom: 1.8rem; }
.brand { margin: 0; font-weight: 650; letter-spacing: -.01em; } .dot { display: inline-block; width: .65em; height: .65em; border-radius: 50%; background: var(--fill-approved); margin-right: .55em; }
.top nav a { margin-right: 1.2rem; text-decoration: none; color: var(--soft); padding-bottom: .2rem; }
.top nav a[aria-current] { color: var(--ink); border-bottom: 2px solid var(--link); }
main:focus { outline: none; }
h1 { font-size: 1.75rem; line-height: 1.25; letter-spacing: -.015em; margin: 0 0 .8rem; overflow-wrap: anywhere; }
h2 { font-size: 1.12rem; margin: 2.4rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.1rem 0 .4rem; } h3 > * { margin-left: .6rem; }
.notours { color: #b00020; font-weight: 700; } div.notours { border: 2px solid; border-radius: 8px; padding: .6rem 1rem; margin-bottom: 1rem; }
.hint, .crumbs, footer, figcaption { color: var(--soft); font-size: .875rem; font-weight: 400; } .crumbs { margin: 0 0 .6rem; }
footer { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: .6rem; }
.mono, code, pre, .id, .seq { font-family: ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .86em; overflow-wrap: anywhere; }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; }
blockquote { margin: .3rem 0; padding: .1rem 0 .1rem .9rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
.badge, .answer { display: inline-block; white-space: nowrap; border-radius: 999px; padding: .08rem .65rem; font-size: .84rem; font-weight: 600; }
.badge.approve, .answer.met { color: var(--approve); background: var(--approve-ground); }
.badge.escalate { color: var(--escalate); background: var(--escalate-ground); }
.badge.deny, .answer.not-met { color: var(--deny); background: var(--deny-ground); }
.badge.abstain { color: var(--abstain); background: var(--abstain-ground); }
.answer.unknown { color: var(--unknown); background: var(--unknown-ground); }
.role { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: 0 .4rem; font-size: .875rem; background: var(--paper); overflow-wrap: break-word; max-width: 18rem; }
.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: .7rem 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin-bottom: 1.4rem; }
.field label { display: block; font-size: .82rem; color: var(--soft); margin-bottom: .15rem; }
input, select, button { font: inherit; width: 100%; padding: .35rem .5rem; color: var(--ink); background: var(--ground); border: 1px solid #8a919a; border-radius: 5px; min-height: 2.3rem; }
button { width: auto; padding: .35rem 1.2rem; background: var(--link); color: var(--paper); border-color: var(--link); font-weight: 600; cursor: pointer; }
.buttons { align-self: end; } .buttons a { margin-left: .8rem; } .filters .wide { grid-column: span 3; align-self: center; margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .8rem .5rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--soft); font-size: .8rem; font-weight: 600; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 600; white-space: nowrap; } td.when { white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--soft); }
td.name { font-weight: 600; overflow-wrap: anywhere; min-width: 6.5rem; } td.why { overflow-wrap: anywhere; min-width: 18rem; } .list td.why { width: 42%; } td.id { white-space: nowrap; }
.figures td { text-align: right; font-variant-numeric: tabular-nums; } .figures th:not(:first-child) { text-align: right; } .figures .zero { color: var(--soft); }
.pager { display: flex; gap: 1.5rem; margin-top: 1rem; }
.empty { background: var(--paper); border: 1px dashed var(--line); border-radius: 8px; padding: .9rem 1.1rem; color: var(--soft); }
.empty.unknown { color: var(--unknown); border-color: var(--unknown); }
.headline .verdict { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: center; margin: 0; font-size: 1.02rem; } .headline .badge { font-size: .95rem; padding: .2rem .85rem; }
.because { margin: .9rem 0 0; padding: 0; list-style: none; font-size: 1.05rem; max-width: 60rem; } .because li { overflow-wrap: anywhere; margin-bottom: .25rem; } .because li::first-letter { text-transform: uppercase; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .9rem 1.6rem; margin: 0; } .facts .wide { grid-column: 1 / -1; }
.facts dt { font-size: .82rem; color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; } .links > * { margin-right: 1.1rem; }
figure { margin: .6rem 0; } svg { display: block; width: 100%; height: auto; }
.shifts { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem .2rem; }
.shifts text, .chart text { font: 13px system-ui, "Liberation Sans", sans-serif; fill: var(--soft); }
.tick line, .grid line { stroke: var(--line); stroke-width: 1; } .lane rect { fill: var(--shift); } .shifts .lane text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
.lane.proves rect { fill: var(--fill-approved); } .lane.proves text { font-weight: 600; }
.now line { stroke: var(--now); stroke-width: 2; stroke-dasharray: 5 3; } .now circle { fill: var(--now); } .shifts .now text { fill: var(--now); font-weight: 600; }
.rule { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .2rem 1.1rem .9rem; margin-bottom: 1rem; } .rule .hint { margin: 0 0 .3rem; } .rule tr:last-child > * { border-bottom: 0; }
.conditions th[scope=row]::first-letter { text-transform: uppercase; }
.timeline { list-style: none; margin: 0; padding: 0 0 0 1.1rem; border-left: 2px solid var(--line); }
.timeline li { display: grid; grid-template-columns: 12.5rem 1fr; gap: 0 1.2rem; position: relative; padding-bottom: .9rem; }
.timeline li::before { content: ""; position: absolute; left: calc(-1.1rem - 7px); top: .42rem; width: 12px; height: 12px; border-radius: 50%; background: var(--paper); border: 2px solid var(--soft); box-sizing: border-box; }
.timeline li.decided::before { background: var(--link); border-color: var(--link); } .timeline li.done::before { background: var(--fill-approved); border-color: var(--fill-approved); }
.timeline li.failed::before { background: var(--fill-denied); border-color: var(--fill-denied); border-radius: 2px; } .timeline li.ended::before { background: var(--ink); border-color: var(--ink); border-radius: 2px; }
.timeline p { margin: 0; overflow-wrap: anywhere; } .timeline .when { font-variant-numeric: tabular-nums; color: var(--soft); font-size: .9rem; } .seq { display: block; }
.timeline .what { font-weight: 600; } .timeline .intended .what { font-weight: 400; color: var(--soft); } .timeline .detail { color: var(--soft); font-size: .94rem; max-width: 52rem; }
.votes { padding-left: 1.1rem; }
.monthhead { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .4rem 2rem; } .monthhead nav a { margin-left: 1.2rem; }
.totals { display: flex; flex-wrap: wrap; gap: .6rem; list-style: none; padding: 0; margin: 0 0 1rem; } .totals li { background: var(--paper); border: 1px solid var(--line); border-left: 5px solid var(--line); border-radius: 6px; padding: .5rem 1rem; }
.totals strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.totals .approved { border-left-color: var(--fill-approved); } .totals .escalated { border-left-color: var(--fill-escalated); } .totals .unknown { border-left-color: var(--fill-unknown); } .totals .denied { border-left-color: var(--fill-denied); } .totals .abstained { border-left-color: var(--fill-abstained); }
.chart { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; } .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; list-style: none; padding: 0; margin: .6rem 0 0; } .key { display: inline-block; width: .8em; margin-right: .4em; }
rect.approved { fill: var(--fill-approved); } rect.escalated { fill: var(--fill-escalated); } rect.unknown { fill: var(--fill-unknown); } rect.denied { fill: var(--fill-denied); } rect.abstained { fill: var(--fill-abstained); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2.5rem; }
@media (max-width: 44rem) { body { padding: 0 1rem 2rem; } .timeline li { grid-template-columns: 1fr; } .seq { display: inline; } h1 { font-size: 1.4rem; } }
@media print {
  :root { color-scheme: light; --ground: #fff; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --link: #000; --approve: #1b6e3c; --approve-ground: #fff; --escalate: #8a4b00; --escalate-ground: #fff; --deny: #a3231f; --deny-ground: #fff; --abstain: #444; --abstain-ground: #fff; --unknown: #6a3d9c; --unknown-ground: #fff; --shift: #b9c3ce; --now: #b3261e; --fill-approved: #3d9a62; --fill-escalated: #e2a13c; --fill-unknown: #8f65c0; --fill-denied: #cf4a44; --fill-abstained: #a3a9b0; }
  html { font-size: 10.5pt; } body { max-width: none; padding: 0 .6rem; } .top nav, .skip, .filters, .pager, .crumbs, .monthhead nav { display: none; }
  .badge, .answer { border: 1px solid currentColor; } .scroll { overflow: visible; } h2, h3 { break-after: avoid; } .rule, .shifts, .chart, .timeline li, tr { break-inside: avoid; }
  a.out::after { content: " (" attr(href) ")"; font-size: .85em; } svg, .timeline li::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
