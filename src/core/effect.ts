import type { Reference } from './on-call.ts';

/**
 * Something to be done in Teleport or PagerDuty because of a decision. The key is unique within a request: an effect is done
 * once, however often it is attempted. The texts are fixed when the effect is intended, so that a repetition says the same.
 */
export type Effect =
  | {
      readonly key: 'review';
      readonly propose: 'approved' | 'denied';
      readonly reason: string;
    }
  | {
      readonly key: 'page';
      /** Name or id of the PagerDuty service. */
      readonly service: string;
      readonly incidentKey: string;
      readonly title: string;
      readonly details: string;
      readonly urgency: 'high' | 'low';
    }
  | {
      /** A look for the incident that the on-call engineer is working on; nothing is changed by it. */
      readonly key: 'find-live-incident';
      readonly services: readonly Reference[];
      /** PagerDuty user whose own incident is preferred. */
      readonly assignee: string;
    }
  | {
      readonly key: 'live-note';
      readonly incidentId: string;
      readonly content: string;
      readonly marker: string;
    }
  | {
      readonly key: 'closing-note';
      readonly incidentKey: string;
      readonly content: string;
      readonly marker: string;
    }
  | { readonly key: 'close-page'; readonly incidentKey: string };

export type EffectKey = Effect['key'];

/** What came of an effect, for the record and for the effects that follow from it. */
export interface Outcome {
  /** For instance `the request is approved`, `already reviewed`, `no live incident`. */
  readonly summary: string;
  /** Whether it is this service's doing; false when somebody else was first, or nothing was left to do. */
  readonly ours: boolean;
  /** PagerDuty incident that was opened, found or written to. */
  readonly incidentId: string | null;
  readonly url: string | null;
}
