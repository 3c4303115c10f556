import type { AskingPage } from '../../core/effects/asking-pages.ts';
import { MOST_TIMES_ANEW, timesUnheard } from '../../core/effects/unheard.ts';
import { isPerson } from '../../core/conditions/opener.ts';
import type { PageUnheard, RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Story } from '../../core/record/story.ts';
import { MINUTE, msBetween, plusMs, SECOND, type Instant } from '../../core/values/instant.ts';
import { durationWords } from '../../core/values/words.ts';
import type { Acknowledgement, Ask, Incident, Timeline } from '../../ports/pagerduty.ts';
import type { Dependencies } from '../dependencies.ts';
import { requesterIn } from '../effects/effect-attempt.ts';
import type { PageBoard } from './page-board.ts';

type Looking = Pick<Dependencies, 'incidents' | 'directory' | 'clock'> & {
  readonly board: PageBoard;
};

interface About {
  readonly story: Story;
  readonly decided: RecordedDecision;
  /** After how long a silence people are reminded; null where they are not. */
  readonly patienceMs: number | null;
}

/** Between two looks at whether whoever acknowledged a page is on call still. */
const LOOK_MS = 5 * MINUTE;
/** So many reminders without an answer, and others are asked. */
const REMINDERS = 2;

/**
 * Whether nobody who could answer is asked by the page any more, which PagerDuty does not mend by itself: the requester alone has
 * acknowledged it, or the shift of whoever did is over; or, where nobody has answered for long, PagerDuty asks nobody further. It takes
 * no read while nobody has acknowledged the page and it is not silent for long. Throws PagerDutyError.
 */
export async function lookUnheard(
  page: AskingPage,
  { heldBy }: Pick<Timeline, 'heldBy'>,
  about: About,
  looking: Looking,
  ask: Ask,
): Promise<PageUnheard | null> {
  const times = timesUnheard(about.story, page);
  if (page.joined !== null || times > MOST_TIMES_ANEW) return null;
  const why = await whyUnheard(page, heldBy, about, looking, ask);
  const { requestId } = about.decided;
  return why === null
    ? null
    : { kind: 'page-unheard', requestId, incidentId: page.incident.id, number: times + 1, why };
}

async function whyUnheard(
  page: AskingPage,
  heldBy: Timeline['heldBy'],
  { story, decided, patienceMs }: About,
  { incidents, directory, clock, board }: Looking,
  ask: Ask,
): Promise<string | null> {
  const now = clock.now();
  const requester = requesterIn(decided);
  const since = lastAsked(page, story);
  if (heldBy.length > 0 && heldBy.every(({ by }) => by.id === requester))
    return 'nobody but the requester has acknowledged it';
  const silentMs = msBetween(
    heldBy.reduce((last, { at }) => (at > last ? at : last), since),
    now,
  );
  const isLong = patienceMs !== null && silentMs >= REMINDERS * patienceMs;
  if ((heldBy.length === 0 && !isLong) || !board.looksInto(page.incident.id, now, LOOK_MS)) return null;
  const incident = await incidents.find(page.incident.id, ask);
  if (incident === null || incident.status === 'resolved') return null;
  const { rows } = await directory.onCallsUnder([incident.escalationPolicy.id], null, ask);
  const isOn = ({ by }: Acknowledgement) => rows.some(({ user }) => user.id === by.id);
  if (heldBy.length > 0 && !heldBy.some(isOn) && (await wereOn(heldBy, incident, directory, ask)))
    return 'the shift of whoever acknowledged it is over';
  if (!isLong) return null;
  const above = Math.max(
    0,
    ...rows.filter(({ user }) => user.id !== requester).map((row) => row.escalation_level),
  );
  const levels = incident.assignees.map(({ id }) =>
    Math.min(...rows.filter(({ user }) => user.id === id).map((row) => row.escalation_level)),
  );
  const goesOn =
    incident.status === 'triggered' &&
    incident.urgency === 'high' &&
    !incident.isDirect &&
    levels.every((level) => level < above);
  return goesOn
    ? null
    : `nobody has answered it for ${durationWords(silentMs)}, and PagerDuty asks nobody further`;
}

/** When people were asked last. */
function lastAsked({ openedAt, incident }: AskingPage, { unheard }: Story): Instant {
  return unheard.reduce(
    (last, { incidentId, at }) => (incidentId === incident.id && at > last ? at : last),
    openedAt,
  );
}

/** Whether any of them was on call when they acknowledged it: who never was took it upon themselves. */
async function wereOn(
  heldBy: Timeline['heldBy'],
  { escalationPolicy }: Incident,
  directory: Looking['directory'],
  ask: Ask,
): Promise<boolean> {
  const [first] = heldBy.filter(({ by }) => isPerson(by));
  if (first === undefined) return false;
  const span = { from: first.at, until: plusMs(first.at, SECOND) };
  const { rows } = await directory.onCallsUnder([escalationPolicy.id], span, ask);
  return rows.some(({ user }) => user.id === first.by.id);
}
