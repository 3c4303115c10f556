import type { Instant } from '../values/instant.ts';
import type { Reference } from '../on-call.ts';
import type { PageUrgency } from '../rule.ts';

/** An incident by PagerDuty's id, or by its key where the answer to its opening was lost. */
export type IncidentHandle = { readonly id: string } | { readonly incidentKey: string };

/** Who answered a page: in PagerDuty, and in Teleport where that is known. */
export interface Approver {
  readonly id: string;
  readonly name: string;
  readonly teleportUser: string | null;
}

/** A place on the page of another request. */
export interface Joined {
  readonly page: string;
  readonly incidentId: string;
  /** What is added to the page about the request. */
  readonly text: string;
}

/**
 * Something to be done in Teleport or PagerDuty because of a decision. The key is unique within a request: an effect is done
 * once, however often it is attempted. The texts are fixed when the effect is intended, so that a repetition says the same.
 */
export type Effect =
  | {
      readonly kind: 'review';
      /** `review`; `review 2` … where a decision made later takes its place: an approval is never given on old evidence. */
      readonly key: string;
      readonly decisionId: string;
      readonly propose: 'approved' | 'denied';
      readonly reason: string;
    }
  | {
      /** An approver's answer, given in Teleport: in their own name where Teleport allows it. */
      readonly kind: 'vote';
      /** `vote` and the approver's PagerDuty id: one review a person. With a number where an earlier answer was turned down. */
      readonly key: string;
      /** The answer that it is for; absent in ledgers of earlier versions. */
      readonly answerId?: string;
      readonly propose: 'approved' | 'denied';
      readonly reason: string;
      readonly approver: Approver;
    }
  | {
      readonly kind: 'page';
      /**
       * `page`, and `page 2`, `page 3` where a page was resolved, the request is pending and the rule pages again. `break-glass page`
       * is the one about broken glass (which earlier versions called `page` too).
       */
      readonly key: string;
      /** Name or id of the PagerDuty service. */
      readonly service: string;
      /** Where it is opened if not there, in order; absent where nowhere else, and in ledgers of earlier versions. */
      readonly instead?: readonly string[];
      readonly incidentKey: string;
      readonly title: string;
      readonly details: string;
      readonly urgency: PageUrgency;
      /** Whether it says that acknowledging it approves; absent where not, and in ledgers of earlier versions. */
      readonly acknowledging?: true;
      /** By what answers name the request, where the end of its id is another's code on the same page. */
      readonly code?: string;
      /** Whether further requests of the same requester are listed on it, however many. */
      readonly collective?: true;
      /** Where the request is listed on a page that is open for another one; title and text are that page's. */
      readonly joins?: Joined;
    }
  | {
      /** A look for the incident that the on-call engineer is working on; nothing is changed by it. */
      readonly kind: 'find-live-incident';
      readonly key: 'find-live-incident';
      readonly services: readonly Reference[];
      /** PagerDuty user whose own incident is preferred. */
      readonly assignee: string;
    }
  | {
      readonly kind: 'note';
      /** For instance `live-note`, `closing-note`, `reminder 1`, `reminder 1 on page 2`, `reply PNOTE01`. */
      readonly key: string;
      readonly incident: IncidentHandle;
      readonly content: string;
      /** A part of the content that no other note has: by it the note is found again. */
      readonly marker: string;
    }
  | {
      readonly kind: 'move-up';
      /** `move-up`; `move-up 2` for the second page; `move-up 1 unheard 2` where the page was found to reach nobody. */
      readonly key: string;
      readonly incident: IncidentHandle;
      /** Whoever had it is not waited for: whom it goes to is sought from the first level on where nobody is above. Absent where not. */
      readonly anew?: true;
    }
  | {
      readonly kind: 'close-page';
      /** `close-page`; `close-page break-glass` for the page about broken glass. */
      readonly key: string;
      readonly incident: IncidentHandle;
      /** It stays open while somebody waits on this page; absent where nobody else can, and in ledgers of earlier versions. */
      readonly page?: string;
    }
  | {
      /** A page of low urgency about what an access shows, for whoever reviews that. Nobody answers it, and nothing here closes it. */
      readonly kind: 'finding';
      /** For instance `finding never-used`. */
      readonly key: string;
      readonly service: string;
      readonly incidentKey: string;
      readonly title: string;
      readonly details: string;
    }
  | {
      /** Cuts the access that the request gave. */
      readonly kind: 'lock';
      /** `lock` at the end of the shift, `lock 2` at the next; `lock revoked` and the answer's id where somebody revoked the access. */
      readonly key: string;
      readonly message: string;
      readonly expires: Instant | null;
    }
  | {
      /** Gives access back whose shift goes on after all. */
      readonly kind: 'unlock';
      /** `unlock`; `unlock 2` for `lock 2`. */
      readonly key: string;
      /** What the lock says that is lifted, and its end: one that is anything else is somebody else's by now. */
      readonly message: string;
      readonly expires: Instant | null;
    };

export type EffectKey = Effect['key'];

/** What came of an effect, for the record and for the effects that follow from it. */
export interface Outcome {
  /** For instance `the request is approved`, `already reviewed`, `no live incident`. */
  readonly summary: string;
  /** Whether it is this service's doing; false when somebody else was first, or nothing was left to do. */
  readonly ours: boolean;
  /** Of a review that stands: the request asks for more of them, and is pending still. */
  readonly stillPending?: boolean;
  /** How many of its kind Teleport has then, itself included; absent in ledgers of earlier versions. */
  readonly given?: number;
  /** Of a page: the service that it was opened on, as it was asked for; absent in ledgers of earlier versions. */
  readonly desk?: string;
  /** Of a page, or of a page that was moved on: whom it reaches, where that is nobody who could answer. */
  readonly reaches?: 'requester' | 'nobody';
  /** Of a review on behalf that was not given: the approver must review the request in Teleport themselves. */
  readonly reviewYourself?: boolean;
  /** PagerDuty incident that was opened, found or written to. */
  readonly incidentId: string | null;
  readonly url: string | null;
}
