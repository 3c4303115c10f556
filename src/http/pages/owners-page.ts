import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { z } from 'zod';
import { matchesPattern } from '../../core/values/pattern.ts';
import type { Instant } from '../../core/values/instant.ts';
import { sanitise } from '../../core/values/words.ts';
import { moment, table } from './parts.ts';

/** A resource, whose it is by a rule, and who is on call for that. */
export interface OwnedRow {
  readonly cluster: string;
  readonly kind: string;
  readonly name: string;
  readonly rule: string;
  /** None where it has no owner, or that is not known. */
  readonly owners: readonly { readonly name: string; readonly onCall: string }[];
  readonly why: string | null;
}

/** Everything that rules by owners are for, as it was listed last. */
export interface OwnedThings {
  readonly at: Instant;
  readonly rows: readonly OwnedRow[];
  /** How many there are, also of those that are not kept. */
  readonly resources: number;
  readonly unowned: number;
}

/** So many are shown at once. */
const MOST_SHOWN = 200;

const line = z.string().max(200).catch('');
const Query = z.object({
  cluster: line,
  kind: line,
  name: line,
  unowned: z.enum(['', 'on']).catch(''),
  from: z.coerce.number().int().min(0).max(1_000_000).catch(0),
});
export type OwnersQuery = z.infer<typeof Query>;

/** Whatever is not as the form sends it is left out. */
export function ownersQueryOf(query: unknown): OwnersQuery {
  return Query.parse(typeof query === 'object' && query !== null ? query : {});
}

/** Whose everything is, with filters; `problem`: why it cannot be told. */
export function ownersPage(
  query: OwnersQuery,
  { things, problem }: { readonly things: OwnedThings | null; readonly problem: string },
): VNode {
  return html`<div>
    <h1>Owners</h1>
    ${things === null ? html`<p class="empty unknown">${sanitise(problem, 500)}</p>` : listed(query, things)}
  </div>`;
}

function listed(query: OwnersQuery, { at, rows, resources, unowned }: OwnedThings): VNode {
  const found = rows.filter((row) => isWanted(row, query));
  const shown = found.slice(query.from, query.from + MOST_SHOWN);
  const next = query.from + MOST_SHOWN;
  const address = (from: number): string => {
    const { cluster, kind, name, unowned: orphans } = query;
    return `/owners?${new URLSearchParams({ cluster, kind, name, unowned: orphans, from: String(from) }).toString()}`;
  };
  return html`<div>
    <p class="hint">
      ${resources} resources by ${moment(at)}, ${unowned} without an
      owner${rows.length < resources ? html`; the first ${rows.length} are here` : null}. ${found.length} fit.
    </p>
    ${filters(query)}
    ${shown.length === 0 ? html`<p class="empty">Nothing fits.</p>` : table({ label: 'Resources', kind: 'list' }, HEADS, shown.map(row))}
    <nav class="pager" aria-label="More resources">
      ${query.from === 0 ? null : html`<a href=${address(Math.max(0, query.from - MOST_SHOWN))}>← Before</a>`}
      ${next >= found.length ? null : html`<a rel="next" href=${address(next)}>More →</a>`}
    </nav>
  </div>`;
}

const HEADS = ['Resource', 'Owner', 'On call now', 'Rule', 'Cluster'];

function row({ cluster, kind, name, rule, owners, why }: OwnedRow): VNode {
  return html`<tr>
    <td class="name">${kind} ${sanitise(name, 200)}</td>
    <td>
      ${owners.length === 0 ? html`<span class="answer unknown">? none: ${sanitise(why ?? '', 300)}</span>` : owners.map((each) => html`<p>${sanitise(each.name, 100)}</p>`)}
    </td>
    <td>${owners.map((each) => html`<p>${sanitise(each.onCall, 300)}</p>`)}</td>
    <td>${sanitise(rule, 100)}</td>
    <td>${sanitise(cluster, 100)}</td>
  </tr>`;
}

function filters(query: OwnersQuery): VNode {
  const text = (name: 'cluster' | 'kind' | 'name', label: string) =>
    html`<div class="field">
      <label for=${name}>${label}</label>
      <input id=${name} name=${name} type="search" value=${query[name]} maxlength="200" />
    </div>`;
  return html`<form class="filters" action="/owners" method="get" role="search" aria-label="Owners">
    ${text('name', 'Name or owner')} ${text('kind', 'Kind')} ${text('cluster', 'Cluster')}
    <div class="field">
      <label for="unowned">Without an owner</label>
      <input id="unowned" name="unowned" type="checkbox" value="on" checked=${query.unowned === 'on'} />
    </div>
    <div class="field buttons"><button type="submit">Filter</button> <a href="/owners">Clear</a></div>
    <p class="hint wide">A star stands for any text: <code>pay*</code></p>
  </form>`;
}

function isWanted({ cluster, kind, name, owners }: OwnedRow, query: OwnersQuery): boolean {
  const fits = (wanted: string, ...texts: readonly string[]) =>
    wanted.trim() === '' || texts.some((text) => matchesPattern(wanted.trim(), text));
  return (
    fits(query.cluster, cluster) &&
    fits(query.kind, kind) &&
    fits(query.name, name, ...owners.map((each) => each.name)) &&
    (query.unowned === '' || owners.length === 0)
  );
}
