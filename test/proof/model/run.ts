import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKeys } from '../../../src/ledger/open-keys.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import type { PagerDutyReads } from '../chaos/pagerduty-reads.ts';
import type { Incident } from '../../sim/pagerduty/incident-model.ts';
import type { Stage } from '../../service/stage.ts';
import { pagesByRequest } from '../pages.ts';
import type { Host } from './host.ts';
import type { Person } from './people.ts';
import type { Setting } from './setting.ts';

/** An answer that may count, as whoever wrote the plan knows. */
export interface TrueAnswer {
  readonly requestId: string;
  readonly incidentId: string;
  readonly who: Person;
  readonly propose: 'approved' | 'denied' | 'revoked';
  /** Whether the service must come to know it, whenever it looks: not edited, not taken back. */
  readonly lasting: boolean;
}

export interface Asked {
  readonly id: string;
  readonly who: Person;
  readonly at: number;
  /** Who in PagerDuty had the address of whoever asked, by id; null where nobody had. */
  readonly leadsTo: string | null;
}

/** A run: what was done, and by whom, beside what the systems hold of it. */
export interface Play {
  readonly stage: Stage;
  readonly host: Host;
  readonly setting: Setting;
  readonly reads: PagerDutyReads;
  readonly requests: Asked[];
  readonly ask: (who: Person) => void;
  readonly answers: TrueAnswer[];
  /** What people did in Teleport themselves. */
  readonly reviews: {
    readonly requestId: string;
    readonly author: string;
    readonly name: string;
    readonly approves: boolean;
  }[];
  /** Pages that people resolved. */
  readonly resolved: string[];
  /** Who has another address now, by id: whose it was, and whether the service had seen them under their own. */
  readonly moved: Map<string, { readonly takes: Person | null; readonly wasSeen: boolean }>;
  /** Pages of which somebody changed title or text. */
  readonly rewritten: Map<string, number>;
  /** Since when Sam is off call, by the schedule; and not for the target any more. */
  offSince: number | null;
  repointedAt: number | null;
  /** Whether Taylor's old rota stands under the target or the approvers' policy. */
  rotaMoved: boolean;
  /** Those whom Sam, on call, asked to help with an incident that they did not open, by id. */
  readonly helped: Set<string>;
  readonly changed: { readonly requestId: string; readonly part: 'roles' | 'reason'; readonly at: number }[];
}

/** The pages that ask people about a request, oldest first. */
export function pagesOf(stage: Stage, requestId: string): readonly Incident[] {
  return pagesByRequest(stage.incidents()).get(requestId) ?? [];
}

/** The ledger of a run, to be read. */
export function ledgerOf({ stage: { folder }, setting }: Pick<Play, 'stage' | 'setting'>): SqliteLedger {
  const reveal = (): string => readFileSync(join(folder, 'ledger-key'), 'utf8');
  return new SqliteLedger(
    join(folder, 'ledger.sqlite'),
    setting.sealed ? { keys: openKeys({ reveal }) } : {},
  );
}
