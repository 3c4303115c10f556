import type { RequestState } from '../../sim/teleport/model.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import type { Arena, Made } from './arena.ts';
import { LOOKED_AT, REVIEWER } from './world.ts';

/** What somebody did to resolve a request: a review, or on Community a state that was set. */
export interface Resolution {
  readonly author: string;
  readonly state: RequestState;
  readonly reason: string;
  readonly at: Date;
}

/** In order, as Teleport itself has them. On Community nobody is named: there the reason tells people from the service. */
export function resolutionsOf({ id }: Pick<Made, 'id'>, { stage, setting }: Arena): readonly Resolution[] {
  const { cluster } = stage.teleport;
  if (setting.edition === 'enterprise') {
    const reviews = cluster.findRequest(id)?.reviews ?? [];
    return reviews.map(({ author, proposedState, reason, created }) => ({
      author,
      state: proposedState,
      reason,
      at: created,
    }));
  }
  return (cluster.stateChanges.get(id) ?? []).map(({ state, reason, at }) => ({
    author: reason === LOOKED_AT ? REVIEWER : BOT_USER,
    state,
    reason,
    at,
  }));
}
