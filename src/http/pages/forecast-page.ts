import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { problemsIn } from '../../core/forecast/figures.ts';
import type { RuleAhead } from '../../core/forecast/forecast.ts';
import type { Stretch } from '../../core/forecast/stretch.ts';
import { sanitise } from '../../core/values/words.ts';
import { moment } from './parts.ts';

const MOST_STRETCHES = 6;

/** What is to come under each rule: what will go wrong, and who could be approved when. */
export function forecastPage(
  ahead: { readonly window: Stretch; readonly rules: readonly RuleAhead[] } | null,
  problem: string | null,
): VNode {
  if (ahead === null) {
    return html`<div>
      <h1>Forecast</h1>
      <p class="empty unknown">${problem === null ? 'It has not been read yet.' : sanitise(problem, 500)}</p>
    </div>`;
  }
  const problems = new Set(problemsIn(ahead.rules));
  return html`<div>
    <h1>Forecast</h1>
    <p class="hint">
      From ${moment(ahead.window.from)} to ${moment(ahead.window.until)}, by rotas, roles and locks as they
      are now${problem === null ? null : html`; since then: ${sanitise(problem, 300)}`}. ${problems.size} will
      go wrong.
    </p>
    ${ahead.rules.map(({ rule, mode, approvable, foreseen }, index) => {
      const id = `rule-${index}`;
      return html`<section aria-labelledby=${id}>
        <h2 id=${id}>
          ${sanitise(rule, 100)}${mode === 'shadow' ? html` <span class="hint">in shadow</span>` : null}
        </h2>
        ${foreseen.length === 0 ? html`<p class="empty">Nothing will go wrong.</p>` : null}
        <ul class="cards">
          ${foreseen.map(
            (each) =>
              html`<li class="card">
                <p class=${`answer ${problems.has(each) ? 'not-met' : 'unknown'}`}>
                  ${problems.has(each) ? '✕' : '?'} ${each.code.replaceAll('-', ' ')}
                </p>
                <p>${each.text}</p>
                <p class="hint">${each.remedy}</p>
              </li>`,
          )}
        </ul>
        ${
          approvable.length === 0
            ? html`<p class="empty">Nobody could be approved.</p>`
            : html`<ul class="plain">
                ${approvable.map(
                  ({ user, stretches }) =>
                    html`<li>
                      <strong>${sanitise(user.summary, 60)}</strong> could be approved${' '}
                      ${stretches.slice(0, MOST_STRETCHES).map(({ from, until }) => html`<span class="span">${moment(from)} to ${moment(until)}</span> `)}
                      ${stretches.length > MOST_STRETCHES ? `and ${stretches.length - MOST_STRETCHES} more times` : null}
                    </li>`,
                )}
              </ul>`
        }
      </section>`;
    })}
  </div>`;
}
