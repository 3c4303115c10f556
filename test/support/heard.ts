import { answerCode } from '../../src/core/answers/answer.ts';
import { allPages } from '../../src/core/effects/asking-pages.ts';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import type { OnCallRow } from '../../src/core/on-call.ts';
import { storyOf, type Told } from '../../src/core/record/story.ts';
import type { Policy, Target } from '../../src/core/rule.ts';
import { MINUTE, plusMs, SECOND } from '../../src/core/values/instant.ts';
import type { Asked } from '../../src/ports/ledger.ts';
import type { Actor, Note, Timeline } from '../../src/ports/pagerduty.ts';
import { hearAnswers } from '../../src/review/follow-up/hear-answers.ts';
import { PageBoard } from '../../src/review/follow-up/page-board.ts';
import { anOnCallRow, aPolicy, aRequest, NOW, SAM, TAYLOR } from './builders.ts';
import { aSheet } from './handled.ts';
import { paged } from './told.ts';

type Dependencies = Parameters<typeof hearAnswers>[3];

const ID = aRequest().id;
export const CODE = answerCode(ID);
export const ROBIN = { id: 'PROB3RE', summary: 'Robin Three' };
export const OWN = { id: 'POWN', summary: 'oncall-approver' };
const policy = aPolicy({ identities: [{ kind: 'map', users: { 'sre-1': SAM.id, 'sre-2': TAYLOR.id } }] });

/** Notes of who says what, one after the other. */
export const said = (...words: readonly string[]): readonly Note[] =>
  words.map((each, index) => {
    const [who = '', content = ''] = each.split(': ');
    const author = { sam: SAM, taylor: TAYLOR, robin: ROBIN, service: OWN }[who] ?? {
      id: 'PBOT',
      summary: 'Bot',
    };
    const type = who === 'bot' ? 'service_reference' : 'user_reference';
    const createdAt = plusMs(NOW, (index + 1) * SECOND);
    return {
      id: `n${index}`,
      content: content.replace('CODE', CODE),
      createdAt,
      updatedAt: null,
      author: { ...author, type },
    };
  });

export interface There {
  readonly story?: readonly Told[];
  readonly board?: PageBoard;
  readonly timeline?: Partial<Timeline>;
  readonly asked?: readonly Asked[];
  readonly failing?: Readonly<Record<string, Error>>;
  /** Other answers than usual. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly policy?: Policy;
  readonly isStopping?: true;
  /** Who is on call under the policy of the page, by the second asked about; null for now. */
  readonly onCalls?: (isPast: boolean) => readonly OnCallRow[];
  readonly isOnCallKnown?: boolean;
  readonly now?: string;
}

/** What one look hears on the page that is incident Q1; Taylor is on call, Sam has asked. */
export async function hear(notes: readonly Note[], there: There = {}) {
  const story = storyOf(there.story ?? paged(0));
  const asked: string[] = [];
  const recorded: LedgerEvent[] = [];
  const board = there.board ?? new PageBoard(NOW);
  const stopping = new AbortController();
  const say = (words: string, answer: unknown): Promise<unknown> => {
    asked.push(words);
    const failure = there.failing?.[words];
    if (failure === undefined)
      return Promise.resolve(words in (there.answers ?? {}) ? there.answers?.[words] : answer);
    if (there.isStopping) stopping.abort(new Error('the service stops'));
    return Promise.reject(failure);
  };
  const timeline = {
    ...{ isResolved: false, merged: null, resolvedBy: null, notes, notesAreKept: false },
    ...{ acknowledgements: [], heldBy: [], ...there.timeline },
  };
  const rows = there.isOnCallKnown === false ? null : [anOnCallRow({ user: TAYLOR })];
  const dependencies = {
    ...{ policy: there.policy ?? policy, board },
    clock: { now: () => there.now ?? plusMs(NOW, MINUTE) },
    record: (event: LedgerEvent) => say('record', void recorded.push(event)),
    incidents: {
      timeline: (id: string) => say(`timeline ${id}`, timeline),
      notes: (id: string) => say(`notes ${id}`, notes),
      isService: ({ id }: Actor) => say(`${id} the service?`, id === OWN.id),
      shownOf: (id: string) => say(`${id} as sent?`, { createdAt: NOW, changed: null }),
      listedAt: (id: string) => say(`listed on ${id}?`, NOW),
      find: () => say('find', null),
    },
    ledger: {
      askedOn: () => say('asked on?', there.asked ?? []),
      entriesOf: (id: string) => say(`story of ${id}`, []),
    },
    directory: {
      onCallsUnder: (_ids: unknown, span: unknown) =>
        say('under the policy?', { rows: there.onCalls?.(span !== null) ?? [] }),
    },
    locks: { inForce: () => say('locks?', []) },
    requests: { find: () => say('pending?', { state: 'pending' }) },
    roster: {
      onCall: (targets: readonly Target[]) =>
        say(`on call for ${targets.map(({ asked: name }) => name).join()}?`, aSheet(rows)),
    },
  } as unknown as Dependencies;
  const { decided } = story;
  if (decided === null) throw new Error('it is not decided');
  const ask = { signal: stopping.signal, priority: 'follow-up' } as const;
  const pages = allPages(story);
  const looksAt = pages.map(({ incident }) => incident.id);
  const open = await hearAnswers({ pages, looksAt }, story, decided, dependencies, ask);
  return { recorded, asked, open, board, heard: recorded.map(inWords).join(', ') };
}

function inWords(event: LedgerEvent): string {
  if (event.kind !== 'answered') return event.kind;
  const { answer, counted, untold } = event;
  const unclear = answer.unclear === undefined ? '' : ` (${answer.unclear})`;
  return `${answer.id}${unclear} ${counted ? 'counts' : 'refused'}${untold === true ? ' untold' : ''}`;
}
