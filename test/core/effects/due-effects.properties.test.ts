import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../../src/core/answers/judge-answer.ts';
import { dueEffects, isSettled } from '../../../src/core/effects/due-effects.ts';
import { openPageOf } from '../../../src/core/effects/asking-pages.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import { standingDecision } from '../../../src/core/effects/own-review.ts';
import { onceKeyOf } from '../../../src/core/record/ledger-entry.ts';
import { escalationOf } from '../../../src/core/effects/paging-rule.ts';
import { withEvent, type Story } from '../../../src/core/record/story.ts';
import { desksOf } from '../../../src/core/rule.ts';
import { plusMs } from '../../../src/core/values/instant.ts';
import { aPolicy } from '../../support/builders.ts';
import { check, fuzzing, manyRuns } from '../arbitrary-text.ts';
import { histories, lastMoment, lastStory, type Turn } from '../histories.ts';
import { done, keyOf, SETTING } from '../telling.ts';

const KINDS = [
  'review',
  'vote',
  'page',
  'find-live-incident',
  'note',
  'close-page',
  'move-up',
  'lock',
] as const;
/** More than there are effects in any history: who needs as many turns goes round in circles. */
const ENOUGH_TURNS = 200;
const MOST_PAGES = 5;

/** What was begun and is not done. */
function begun({ effects }: Story): readonly Effect[] {
  return [...effects.values()].filter((progress) => progress.done === null).map(({ intended }) => intended);
}

describe.runIf(manyRuns)('the histories that the promises are tried on', () => {
  it('hold at least three of each kind of effect, done, in 4,000', () => {
    const done = fc
      .sample(histories, { numRuns: 4_000, seed: fuzzing.seed })
      .flatMap((history) => [...lastStory(history).effects.values()])
      .filter((progress) => progress.done !== null);

    for (const kind of KINDS) {
      expect(done.filter(({ intended }) => intended.kind === kind).length).toBeGreaterThanOrEqual(3);
    }
  }, 60_000);
});

describe('whatever happens to a request', () => {
  it('an effect that is done is never due again', () => {
    checkEveryTurn(({ story, due }) => {
      for (const { key } of due) expect(story.effects.get(key)?.done ?? null).toBeNull();
    });
  });

  it('nothing is due twice at once', () => {
    checkEveryTurn(({ due }) => {
      expect(new Set(due.map(({ key }) => key)).size).toBe(due.length);
    });
  });

  it('nothing is intended, done or decided twice', () => {
    check(histories, ({ turns }) => {
      const keys = turns.map(({ event }) => onceKeyOf(event)).filter((key) => key !== null);

      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  it('a review, a vote or a page that is intended stays due, in its first wording, until it is done', () => {
    checkEveryTurn(({ event, before, dueBefore, due }) => {
      // A decision that replaces another, or the end of the request, may make it needless.
      if (event.kind === 'decided' || event.kind === 'ended') return;
      const finished = event.kind === 'effect-done' ? event.key : null;
      const pending = begun(before).filter(
        ({ key, kind }) =>
          ['review', 'vote', 'page'].includes(kind) && dueBefore.some((effect) => effect.key === key),
      );

      for (const effect of pending) if (effect.key !== finished) expect(due).toContainEqual(effect);
    });
  });

  it('an effect is worded once, and a page is for the incident of its request and number', () => {
    checkEveryTurn(({ story, due }) => {
      for (const effect of due) {
        expect(effect).toEqual(story.effects.get(effect.key)?.intended ?? effect);
        if (effect.kind !== 'page') continue;
        const about = effect.key === 'break-glass page' ? 'break-glass' : effect.key.slice('page '.length);
        const number = about === '' ? '' : `/${about}`;
        expect(effect.incidentKey).toBe(keyOf(`oncall-approver/${story.decided?.request.id ?? ''}${number}`));
      }
    });
  });

  it('what was begun for a page or a vote is finished while the request is pending, though its rule is gone', () => {
    checkEveryTurn(({ story, now }) => {
      if (story.ended !== null || story.decided === null) return;
      const due = dueEffects(story, { policy: aPolicy({ rules: [] }), setting: SETTING, now });

      // Where nobody is asked any more, a page that may or may not be open is closed at the end.
      const isAsking = story.decided.decision.verdict === 'escalate';
      const wanted = begun(story).filter(({ kind }) => kind === 'vote' || (kind === 'page' && isAsking));
      expect(due).toEqual(expect.arrayContaining(wanted));
      // No answer counts by rules that are gone.
      for (const { key, kind } of due) if (kind === 'vote') expect(story.effects.has(key)).toBe(true);
    });
  });
});

describe('while a request is pending', () => {
  it('one review at most is due, that of the decision in force, and proposes what it says', () => {
    checkEveryTurn(({ story, due }) => {
      if (story.ended !== null || story.decided === null) return;
      const { decisionId, decision } = story.decided;
      const reviews = due.filter((effect) => effect.kind === 'review');

      expect(reviews.length).toBeLessThanOrEqual(1);
      for (const review of reviews) {
        expect(review.decisionId).toBe(decisionId);
        expect(review.propose).toBe(decision.verdict === 'approve' ? 'approved' : 'denied');
      }
    });
  });

  it('there is one vote a person at most that may stand, and only of whose answer counts', () => {
    checkEveryTurn(({ story, due }) => {
      const all = [...[...story.effects.values()].map(({ intended }) => intended), ...due];
      const votes = new Map(all.flatMap((effect) => (effect.kind === 'vote' ? [[effect.key, effect]] : [])));
      const standing = [...votes.values()].filter(({ key }) => story.effects.get(key)?.done?.ours !== false);
      const counted = story.answers.filter((each) => each.counted);

      expect(new Set(standing.map(({ approver }) => approver.id)).size).toBe(standing.length);
      for (const { answerId, approver, propose } of votes.values()) {
        const own = counted.find(({ answer }) => answer.id === answerId)?.answer;
        expect(own).toMatchObject({ by: { id: approver.id }, propose });
      }
    });
  });

  it('a new vote is only of whose answer counts by the decision in force', () => {
    check(histories, ({ policy, turns }) => {
      for (const { story, due } of turns) {
        const { decided, effects } = story;
        const fresh = due.filter((effect) => effect.kind === 'vote' && !effects.has(effect.key));
        for (const vote of fresh) {
          if (vote.kind !== 'vote' || decided === null) continue;
          const recorded = story.answers.find(({ answer }) => answer.id === vote.answerId);
          const [answer, facts] = [recorded?.answer, recorded?.facts ?? null];
          if (answer === undefined || facts === null) throw new RangeError('a vote for no answer');

          expect(judgeAnswer(answer, decided, facts, policy).state).toBe('counted');
        }
      }
    });
  });

  it('nobody is told of an answer both that it is given and that it does not count', () => {
    checkEveryTurn(({ story, due }) => {
      const keys = new Set([...story.effects.keys(), ...due.map(({ key }) => key)]);
      const all = [...[...story.effects.values()].map(({ intended }) => intended), ...due];
      for (const effect of all) {
        if (effect.kind === 'vote') expect(keys).not.toContain(`reply ${effect.answerId ?? ''}`);
      }
    });
  });

  it('nobody is paged more than five times', () => {
    checkEveryTurn(({ story, due }) => {
      const keys = [...story.effects.keys(), ...due.map(({ key }) => key)];
      expect(new Set(keys.filter((key) => /^page\b/u.test(key))).size).toBeLessThanOrEqual(MOST_PAGES);
    });
  });

  it('an abstention leads to nothing new but words on pages that were opened before, and the one about broken glass', () => {
    checkEveryTurn(({ story, due }) => {
      if (story.decided?.decision.verdict !== 'abstain' || story.ended !== null) return;
      const fresh = due.filter(({ key }) => key !== 'break-glass page' && !story.effects.has(key));
      const said = fresh.filter(
        ({ kind, key }) => kind === 'note' && /^(reply|progress|unanswered) /u.test(key),
      );

      expect(fresh).toEqual(said);
      if (fresh.length > 0) expect(openPageOf(story)).not.toBeNull();
    });
  });
});

describe('after the end of a request', () => {
  it('nothing is due but tidying, words on the live incident, the lock, and looks at what was begun', () => {
    checkEveryTurn(({ story, due }) => {
      if (story.ended === null) return;
      for (const { kind, key } of due) {
        if (kind === 'review' || kind === 'vote') expect(story.effects.has(key)).toBe(true);
        else if (kind === 'page') expect(key).toBe('break-glass page');
        else expect(['note', 'close-page', 'find-live-incident', 'lock']).toContain(kind);
      }
    });
  });

  it('a page is closed only if it was begun', () => {
    checkEveryTurn(({ story, due }) => {
      const pages = [...story.effects.values()].filter(({ intended }) => intended.kind === 'page');

      if (due.some(({ kind }) => kind === 'close-page')) expect(pages.length).toBeGreaterThan(0);
    });
  });

  it('there is no lock unless a look has shown that the work is over, or the time is up that was promised', () => {
    checkEveryTurn(({ story, now, due }) => {
      if (!due.some(({ kind }) => kind === 'lock') || story.access?.ends === true) return;
      const given = standingDecision(story);
      const afterMs = given?.endsAccess?.flatMap(({ accessEnd }) => accessEnd.afterMs ?? []) ?? [];

      expect(given !== null && plusMs(given.decidedAt, Math.min(...afterMs)) <= now).toBe(true);
    });
  });
});

it('broken glass that let somebody in is paged, whatever was paged before, and that page is left open', () => {
  check(histories, ({ policy, turns }) => {
    for (const { story, due } of turns) {
      const given = standingDecision(story);
      if (given?.decision.breakGlass !== true || story.ended?.state !== 'approved') continue;
      const escalation = escalationOf(given, policy);
      const somewhere = escalation !== null && desksOf(escalation, given.request).length > 0;
      const keys = [...story.effects.keys(), ...due.map(({ key }) => key)];

      if (somewhere) expect(keys).toContain('break-glass page');
      expect(keys).not.toContain('close-page break-glass');
    }
  });
});

it('doing what is due comes to an end, and a request that has ended is then settled', () => {
  check(histories, (history) => {
    const now = lastMoment(history);
    const context = { policy: history.policy, setting: SETTING, now };
    let story = lastStory(history);
    let due = dueEffects(story, context);
    for (let turn = 0; turn < ENOUGH_TURNS && due.length > 0; turn += 1) {
      story = due
        .slice(0, 1)
        .flatMap((effect) => done(effect, { incidentId: 'Q1INCIDENT' }))
        .reduce((one, event) => withEvent(one, { event, at: now }), story);
      due = dueEffects(story, context);
    }
    const { decided, ended, effects } = story;
    const notOurs = decided?.decision.verdict === 'abstain' && effects.size === 0;

    expect(due).toEqual([]);
    expect(isSettled(story, due, false)).toBe(decided === null || ended !== null || notOurs);
  });
});

function checkEveryTurn(holds: (turn: Turn) => void): void {
  check(histories, ({ turns }) => {
    turns.forEach(holds);
  });
}
