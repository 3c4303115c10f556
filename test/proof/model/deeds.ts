import { status } from '@grpc/grpc-js';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { acknowledge, resolve } from '../../sim/pagerduty/incident-life.ts';
import type { Incident } from '../../sim/pagerduty/incident-model.ts';
import { addNote, deleteNote, editNote } from '../../sim/pagerduty/incident-notes.ts';
import type { Stage } from '../../service/stage.ts';
import type { FAULTS, PageDeed, Step, TeleportDeed } from './plan.ts';
import { isOpenedFor } from '../pages.ts';
import { pagesOf, type Asked, type Play, type TrueAnswer } from './run.ts';
import { forgo, mayAnswer, mayRevoke } from './truth.ts';
import { WORDINGS } from './wordings.ts';

const PROPOSED = { approve: 'approved', deny: 'denied', revoke: 'revoked' } as const;

/** Does to a request what people do, in Teleport or on its page. Throws what either system throws when it refuses. */
export function befall(deed: Extract<Step, { request: number }>, request: Asked, run: Play): void {
  const { stage, host } = run;
  const pages = pagesOf(stage, request.id);
  const page = deed.does === 'note' && deed.onFirstPage ? pages[0] : pages.at(-1);
  switch (deed.does) {
    case 'look':
      // The look goes on while the next step is taken.
      if (host.isHere) void stage.followUp(request.id).catch(() => undefined);
      return;
    case 'review':
    case 'delete':
    case 'promote':
    case 'expire':
      happenInTeleport(deed, request.id, run);
      return;
    case 'note':
    case 'edit a note':
    case 'delete a note':
    case 'acknowledge':
    case 'resolve the page':
      if (page !== undefined) happenOnPage(deed, page, request, run);
  }
}

function happenInTeleport(deed: TeleportDeed, requestId: string, { stage, setting, reviews }: Play): void {
  const { cluster } = stage.teleport;
  const isPending = cluster.request(requestId).state === 'PENDING';
  switch (deed.does) {
    case 'review': {
      const { who, approves } = deed;
      // There anybody may set a state at any time; here they know better.
      if (setting.edition === 'community' && !isPending) return;
      if (approves) stage.approveAs(who.teleportUser, requestId, `by hand of ${who.name}`);
      else stage.denyAs(who.teleportUser, requestId, `by hand of ${who.name}`);
      reviews.push({ requestId, author: who.teleportUser, name: who.name, approves });
      return;
    }
    case 'delete':
      cluster.deleteRequest(requestId);
      return;
    case 'promote':
      if (isPending) cluster.promoteRequest(requestId);
      return;
    case 'expire':
      if (!isPending) return;
      cluster.lapseRequest(requestId);
      cluster.sweepExpired({ graceMs: 0 });
  }
}

function happenOnPage(deed: PageDeed, page: Incident, request: Asked, run: Play): void {
  const { stage, setting, answers, resolved } = run;
  const requestId = request.id;
  const { account } = stage.pagerDuty;
  const { who } = deed;
  const agent = 'type' in who ? who : ({ type: 'user', id: who.id } as const);
  const answered = (propose: TrueAnswer['propose'], whose = request): void => {
    if ('type' in who) return;
    const may = propose === 'revoked' ? mayRevoke(who, whose, run) : mayAnswer(who, whose, page.id, run);
    const about = { requestId: whose.id, incidentId: page.id, who, propose };
    if (may) answers.push({ ...about, lasting: isPlain(whose, run) });
  };
  switch (deed.does) {
    case 'note': {
      const code = deed.codeIsRight ? answerCode(requestId) : 'XXXXX';
      const wording = WORDINGS[deed.codeIsRight ? (deed.wording ?? 0) : 0];
      if (wording === undefined) return;
      addNote(account, page.id, wording.text(deed.verb, code), agent);
      // By what else its author says below an answer it may be taken back before it is heard.
      forgo(
        run,
        ({ who: { id }, incidentId, propose }) =>
          id === who.id &&
          incidentId === page.id &&
          propose !== 'denied' &&
          (!wording.counts || propose !== PROPOSED[deed.verb]),
      );
      if (deed.codeIsRight && wording.counts) answered(PROPOSED[deed.verb]);
      return;
    }
    case 'edit a note':
    case 'delete a note': {
      const said = page.notes.findLast(({ author }) => author.id === who.id);
      const note = said ?? addNote(account, page.id, 'looking into it', agent);
      // PagerDuty's times have whole seconds: an edit within the second of the note itself cannot be told.
      account.clock.advance(1_000);
      if (deed.does === 'delete a note') deleteNote(account, page.id, note.id);
      else editNote(account, page.id, note.id, `approve ${answerCode(requestId)} it helps us`);
      forgo(run, (answer) => answer.incidentId === page.id && answer.who.id === who.id);
      return;
    }
    case 'acknowledge':
      acknowledge(account, page.id, agent);
      if (setting.answerBy !== 'acknowledge' || page.title.startsWith('Access requests of ')) return;
      // Where several are asked about it is for the one that the page was opened for.
      for (const each of run.requests) if (isOpenedFor(each.id, page)) answered('approved', each);
      return;
    case 'resolve the page':
      resolve(account, page.id, agent);
      resolved.push(page.id);
  }
}

/** Nothing has been done to rotas, addresses and the request, so that whoever is asked must be heard. */
function isPlain({ id }: Asked, { offSince, rotaMoved, moved, changed }: Play): boolean {
  const isChanged = changed.some(({ requestId }) => requestId === id);
  return offSince === null && !rotaMoved && moved.size === 0 && !isChanged;
}

/** Makes something go wrong before long, once or a few times. */
export function addFault(fault: (typeof FAULTS)[number], { pagerDuty, teleport }: Stage): void {
  const writing = {
    kind: 'status',
    status: 500,
    times: 1,
    match: { method: 'POST', pathPrefix: '/incidents' },
  } as const;
  switch (fault) {
    case 'writing fails':
      pagerDuty.faults.add(writing);
      return;
    case 'writing fails, but was done':
      pagerDuty.faults.add({ ...writing, after: true });
      return;
    case 'a note fails, but was written':
      pagerDuty.faults.add({ ...writing, match: { method: 'POST', pathPrefix: '/incidents/' }, after: true });
      return;
    case 'resolving fails, but was done':
      pagerDuty.faults.add({ ...writing, match: { method: 'PUT' }, after: true });
      return;
    case 'nobody can be asked who is on call':
      pagerDuty.faults.add({ kind: 'status', status: 503, times: 4, match: { pathPrefix: '/oncalls' } });
      return;
    case 'PagerDuty hangs up':
      pagerDuty.faults.add({ kind: 'reset', times: 2 });
      return;
    case 'PagerDuty is silent':
      pagerDuty.faults.add({ kind: 'status', status: 503, times: 40 });
      return;
    // The rules wait for 300 ms.
    case 'PagerDuty is slow':
      pagerDuty.faults.add({ kind: 'latency', ms: 450, times: 25 });
      return;
    case 'a listing is slower than anybody waits':
      pagerDuty.faults.add({ kind: 'latency', ms: 5_000, times: 1, match: { pathPrefix: '/oncalls' } });
      return;
    case 'the key is refused':
      pagerDuty.faults.add({ kind: 'status', status: 401, times: 8 });
      return;
    case 'opening incidents is limited': {
      const match = { method: 'POST', pathPrefix: '/incidents' };
      pagerDuty.faults.add({ kind: 'rate-limited', times: 2, resetSeconds: 1, limit: 10, match });
      return;
    }
    case 'the review fails':
    case 'the review fails, but was done':
    case 'the connection to Teleport is cut after the review': {
      const kind =
        fault === 'the review fails' ? 'error' : fault.endsWith('was done') ? 'error-after' : 'reset-after';
      for (const method of ['SubmitAccessReview', 'SetAccessRequestState'])
        teleport.faults.add({ method, kind, times: 1, code: status.UNAVAILABLE });
      return;
    }
    case 'the watch is cut':
      teleport.cluster.watches.cutAll();
  }
}
