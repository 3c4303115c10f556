import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LedgerEvent, RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import type { RecordingReporter } from '../service/recording-reporter.ts';
import type { Account } from '../sim/pagerduty/account.ts';
import type { AccessRequestProposal } from '../sim/teleport/access-requests.ts';
import type { Cluster } from '../sim/teleport/cluster.ts';

export interface SceneOptions {
  /** Merged over the configuration of the reference story, section by section. */
  readonly config?: Record<string, unknown>;
  /** `pagerduty.freshness`; as by default unless told. */
  readonly freshness?: string;
  /** Merged over its only rule. */
  readonly rule?: Record<string, unknown>;
  /** Whether the service is started at once; true unless told. */
  readonly start?: boolean;
}

/** What people do and see in the reference story, whatever stands between them and the service. */
export abstract class Scene {
  abstract readonly teleport: { readonly cluster: Cluster };
  abstract readonly pagerDuty: { readonly account: Account };
  abstract readonly service: { lookAgain(requestId: string): Promise<void> };
  abstract reports: RecordingReporter;

  /** Asks for prodaccess as a requester would; gives the request's id. */
  request(user: string, proposal: Partial<Omit<AccessRequestProposal, 'user'>> = {}): string {
    const { id } = this.teleport.cluster.createRequest({
      user,
      roles: ['prodaccess'],
      reason: 'checkout fails for 30 % of customers',
      ...proposal,
    });
    return id;
  }

  state(requestId: string): string {
    return this.teleport.cluster.request(requestId).state;
  }

  approveAs(reviewer: string, requestId: string, reason = ''): void {
    this.#resolveAs(reviewer, requestId, 'APPROVED', reason);
  }

  denyAs(reviewer: string, requestId: string, reason = ''): void {
    this.#resolveAs(reviewer, requestId, 'DENIED', reason);
  }

  /** Waits until this effect is done, for this request where one is named. */
  async done(key: string, requestId: string | null = null, deadlineMs?: number) {
    const isIt = (event: { readonly key: string; readonly requestId: string }) =>
      event.key === key && (requestId === null || event.requestId === requestId);
    return await this.reports.when('effectDone', isIt, deadlineMs);
  }

  /** Waits until the request is decided upon. */
  async decision(requestId: string, deadlineMs?: number): Promise<RecordedDecision> {
    const { decided } = await this.reports.when(
      'decided',
      (event) => event.decided.requestId === requestId,
      deadlineMs,
    );
    return decided;
  }

  /** The decision in force. */
  decided(requestId: string): RecordedDecision {
    const decided = this.reports.of('decided').findLast((event) => event.decided.requestId === requestId);
    if (decided === undefined) throw new Error(`request ${requestId} is not decided`);
    return decided.decided;
  }

  decidedEvents(events: readonly LedgerEvent[]): readonly LedgerEvent[] {
    return events.filter(({ kind }) => kind === 'decided');
  }

  locks() {
    return this.teleport.cluster.locks.list({ targets: [], inForceOnly: false });
  }

  /** Looks at once for what the service would look for before long: answers, the end of a shift. */
  async followUp(requestId: string): Promise<void> {
    await this.service.lookAgain(requestId);
  }

  incidents() {
    return this.pagerDuty.account.incidents.all();
  }

  notesOf(incidentId: string | undefined): readonly string[] {
    return this.pagerDuty.account.incidents.require(incidentId ?? '').notes.map(({ content }) => content);
  }

  /** Community knows no reviews: there a person sets the state. */
  #resolveAs(author: string, requestId: string, state: 'APPROVED' | 'DENIED', reason: string): void {
    const { cluster } = this.teleport;
    if (cluster.capabilities.edition === 'community')
      cluster.setRequestState({ id: requestId, state, reason });
    else cluster.submitReview({ requestId, author, proposedState: state, reason });
  }
}

/** The configuration of the reference story in this folder; gives its file. */
export function writeConfig(
  folder: string,
  { config = {}, rule = {}, freshness }: SceneOptions,
  sections: { readonly teleport: object; readonly pagerduty: object },
): string {
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    stringify({
      teleport: { identity: 'identity', ...sections.teleport },
      pagerduty: {
        api_key_file: 'pagerduty-key',
        from: 'oncall-approver@example.com',
        ...(freshness === undefined ? {} : { freshness }),
        ...sections.pagerduty,
      },
      identities: [{ trait: 'email' }],
      rules: [
        {
          name: 'prod-oncall',
          roles: ['prodaccess'],
          on_call: { services: ['Payments API'] },
          require: { reason: true },
          otherwise: 'escalate',
          escalate: { service: 'Access requests', decide_within: '2s' },
          ...rule,
        },
      ],
      ledger: { sqlite: 'ledger.sqlite' },
      ...config,
    }),
  );
  return file;
}
