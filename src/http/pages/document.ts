import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { VERSION } from '../../version.ts';
import { readerZone } from './reader-zone.ts';

export type Node = VNode | readonly (VNode | string | null)[] | string | null;

export interface PageFrame {
  readonly title: string;
  /** Which of the links at the top is this page. */
  readonly here: 'now' | 'list' | 'month' | 'forecast' | 'owners' | 'explain' | null;
  readonly reader: string;
  /** The month that the link at the top leads to, `2026-03`. */
  readonly month: string;
  /** Whether the service does its work; null where that is not known here. */
  readonly health: PageHealth | null;
  /** In how many seconds the browser asks for it again; never unless told. */
  readonly renewEvery?: number;
  /** What it was asked for by, which is kept where another time zone is chosen. */
  readonly query?: Readonly<Record<string, string>>;
}

export type PageHealth = 'works' | 'has a warning' | 'does not work';

const DOTS: Readonly<Record<PageHealth, string>> = {
  works: 'works',
  'has a warning': 'warns',
  'does not work': 'fails',
};

/** A page as a file by itself: it asks nobody for anything, and follows no link by itself. */
export function standaloneOf(title: string, style: string, main: Node, made: string): string {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="content-security-policy" content=${policy} />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} · oncall-approver</title>
      <style dangerouslySetInnerHTML=${{ __html: style }} />
    </head>
    <body>
      <main id="main">${main}</main>
      <footer><p>Made ${made} · all times are UTC</p></footer>
    </body>
  </html>`;
  return `<!doctype html>\n${render(page)}\n`;
}

/** A whole page as text. Everything that is put into a template is escaped by preact; nothing is ever put in as markup. */
export function documentOf(
  { title, here, reader, month, health, renewEvery, query = {} }: PageFrame,
  main: Node,
): string {
  const zone = readerZone();
  const current = (page: PageFrame['here']) => (here === page ? 'page' : undefined);
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      ${renewEvery === undefined ? null : html`<meta http-equiv="refresh" content=${String(renewEvery)} />`}
      <title>${title} · oncall-approver</title>
      <link rel="stylesheet" href="/decisions/style.css" />
      <link rel="icon" href="data:," />
    </head>
    <body>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <p class="brand">
          ${health === null ? null : html`<span class=${`dot ${DOTS[health]}`} aria-hidden="true"></span>`}
          oncall-approver ${health === null ? null : html`<span class="hint">${health}</span>`}
        </p>
        <nav aria-label="Pages">
          <a href="/now" aria-current=${current('now')}>Now</a>
          <a href="/decisions" aria-current=${current('list')}>Decisions</a>
          <a href=${`/decisions/month/${month}`} aria-current=${current('month')}>By month</a>
          <a href="/forecast" aria-current=${current('forecast')}>Forecast</a>
          <a href="/owners" aria-current=${current('owners')}>Owners</a>
          <a href="/explain" aria-current=${current('explain')}>Explain</a>
        </nav>
      </header>
      <main id="main" tabindex="-1">${main}</main>
      <footer>
        <p>Read by ${reader} · oncall-approver ${VERSION} · all times are ${zone}</p>
        <form class="zone" method="get">
          ${Object.entries(query).map(([name, value]) => html`<input type="hidden" name=${name} value=${value} />`)}
          <label for="tz">Time zone</label>
          <input id="tz" name="tz" value=${zone} placeholder="Europe/Berlin" autocomplete="off" />
          <button>Show</button>
        </form>
      </footer>
    </body>
  </html>`;
  const text = `<!doctype html>\n${render(page)}\n`;
  return zone === 'UTC' ? text : carried(text, zone);
}

/** The reader's zone goes along with every link to another of these pages, and every form but the one in which it is chosen. */
function carried(text: string, zone: string): string {
  const tz = new URLSearchParams({ tz: zone }).toString();
  return text
    .replace(/(?<= href=")(\/(?:now|decisions|forecast|owners|explain)(?!\/style)[^"#]*)/gu, (link) =>
      link.includes('?') ? `${link}&amp;${tz}` : `${link}?${tz}`,
    )
    .replace(
      /<form(?! class="zone")[^>]*>/gu,
      (form) => `${form}<input type="hidden" name="tz" value="${zone}"/>`,
    );
}
