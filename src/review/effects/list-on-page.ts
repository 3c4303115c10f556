import { LISTING_HEAD } from '../../core/wording/pages.ts';
import { SECOND } from '../../core/values/instant.ts';
import { PagerDutyError, type Ask, type Incidents } from '../../ports/pagerduty.ts';

/** What is to be added to a page about one request. */
export interface Listing {
  readonly incidentId: string;
  readonly text: string;
  /** It may be there already: looked for before it is written. */
  readonly again: boolean;
}

/** What came of it; `gone` where the page was resolved before, `full` where it takes no more notes. */
export type Listed = 'written' | 'there before' | 'gone' | 'full';

/** Adds requests to a page. Those that wait for the same page go into one note. Throws PagerDutyError, or what `onWrite` throws. */
export type ListOnPage = (listing: Listing, ask: Ask) => Promise<Listed>;

interface Waiting extends Listing {
  readonly ask: Ask;
  readonly resolve: (listed: Listed) => void;
  readonly reject: (error: unknown) => void;
}

/** PagerDuty documents no longest note; ours are cut beyond 8,000, and none of these may be. */
const LONGEST_NOTE = 7_000;
const DEADLINE_MS = 15 * SECOND;

export function createListOnPage({
  incidents,
}: {
  readonly incidents: Pick<Incidents, 'find' | 'notes' | 'addNote'>;
}): ListOnPage {
  const waiting = new Map<string, Waiting[]>();

  /** One note after the other, as long as anybody waits for the page. */
  async function work(incidentId: string): Promise<void> {
    for (let all = waiting.get(incidentId) ?? []; all.length > 0; all = waiting.get(incidentId) ?? []) {
      const batch = fitting(all);
      waiting.set(incidentId, all.slice(batch.length));
      try {
        await write(incidentId, batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    waiting.delete(incidentId);
  }

  async function write(incidentId: string, batch: readonly Waiting[]): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const [first] = batch;
    const ask: Ask = { ...first?.ask, signal, priority: 'follow-up' };
    const incident = await incidents.find(incidentId, ask);
    const mayBeThere = incident !== null && batch.some(({ again }) => again);
    const there = mayBeThere ? await incidents.notes(incidentId, ask) : [];
    const isThere = ({ text }: Waiting) => there.some(({ content }) => content.includes(text));
    // On a page that was resolved since, what is there may have been answered there.
    const isOpen = incident !== null && incident.status !== 'resolved';
    const left = batch.filter((each) => !isThere(each) && isHeld(each));
    const came = !isOpen ? 'gone' : left.length === 0 ? 'written' : await add(incidentId, left, ask);
    for (const each of batch) each.resolve(isThere(each) ? 'there before' : came);
  }

  /** PagerDuty keeps so many notes of an incident, and refuses more. */
  async function add(incidentId: string, left: readonly Waiting[], ask: Ask): Promise<'written' | 'full'> {
    const content = [LISTING_HEAD, ...left.map(({ text }) => text)].join('\n\n');
    try {
      await incidents.addNote(incidentId, content, { ...ask, onWrite: () => ensureHeld(left) });
      return 'written';
    } catch (error) {
      if (error instanceof PagerDutyError && error.kind === 'refused' && !error.transient) return 'full';
      throw error;
    }
  }

  return (listing, ask) => {
    const { promise, resolve, reject } = Promise.withResolvers<Listed>();
    const one = { ...listing, ask, resolve, reject };
    const { incidentId } = listing;
    const all = waiting.get(incidentId);
    if (all === undefined) {
      waiting.set(incidentId, [one]);
      void work(incidentId);
    } else all.push(one);
    return promise;
  };
}

function fitting(all: readonly Waiting[]): readonly Waiting[] {
  let length = LISTING_HEAD.length;
  const tooMany = all.findIndex(({ text }) => (length += text.length + 2) > LONGEST_NOTE);
  return tooMany === -1 ? all : all.slice(0, Math.max(1, tooMany));
}

/** Whoever may not write any more is told so, and the others go without it. */
function isHeld({ ask, reject }: Waiting): boolean {
  try {
    ask.onWrite?.();
    return true;
  } catch (error) {
    reject(error);
    return false;
  }
}

/** Asked once more right before it is sent: then it is too late to go without one. */
function ensureHeld(left: readonly Waiting[]): void {
  if (left.map(isHeld).includes(false)) {
    throw new PagerDutyError('refused', 'a request of this note is another replica’s by now', {
      transient: true,
    });
  }
}
