import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { RecordedUse } from '../../src/core/record/ledger-entry.ts';
import { HOUR, plusMs, type Instant } from '../../src/core/values/instant.ts';
import { decisionPages } from '../../src/http/pages/decision-pages.ts';
import { startHttpServer, type HttpServer } from '../../src/http/server.ts';
import { openHistory } from '../../src/ledger/open-ledger.ts';
import type { SearchableHistory } from '../../src/ports/ledger-history.ts';
import { aConfigFolder, LEAST } from '../config/a-config.ts';
import { aRecordedUse, at, someEvidence } from '../support/builders.ts';
import { lively } from '../http/live-stub.ts';
import { SAM, TAYLOR, WrittenLedger, type Person } from '../traceability/written-ledger.ts';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const TOKEN = 'a-token-that-nobody-guesses-0123456789';
export const REPORTS = 'reports/browser';

/** What somebody would write who wants markup to run in an auditor's browser. */
export const INJECTION =
  '<script>window.injected=1</script><img src=x onerror="window.injected=1"> "\'><svg onload=window.injected=1> ${7*7} \u202Eevil\u202C';
export const MALLORY: Person = {
  user: '<b onmouseover="window.injected=1">mallory</b>',
  id: 'PMALLRY',
  name: '"><script>window.injected=1</script>Mallory',
};

/** A month of decisions behind the real server, and a browser before it. */
export class PagesStage implements AsyncDisposable {
  readonly browser: Browser;
  readonly server: HttpServer;
  readonly #folder: string;
  readonly #history: SearchableHistory;

  private constructor(browser: Browser, server: HttpServer, folder: string, history: SearchableHistory) {
    this.browser = browser;
    this.server = server;
    this.#folder = folder;
    this.#history = history;
  }

  static async open(): Promise<PagesStage> {
    const executablePath = BROWSERS.find((path) => existsSync(path));
    if (executablePath === undefined) {
      throw new Error('these tests need a browser: `apt-get update && apt-get install -y chromium`');
    }
    await mkdir(REPORTS, { recursive: true });
    const folder = await mkdtemp(join(tmpdir(), 'pages-'));
    const file = join(folder, 'ledger.sqlite');
    await writeMonth(file);
    const history = await openHistory({ sqlite: file });
    const server = await startHttpServer({
      listen: { host: '127.0.0.1', port: 0 },
      plugins: [
        decisionPages({
          history,
          access: { kind: 'token', token: () => TOKEN },
          clock: { now: () => at('2026-03-20T12:00:00Z') },
          proxyPublicAddr: () => 'teleport.example.com:443',
          live: lively(at('2026-03-20T12:00:00Z'), INJECTION),
        }),
      ],
      onFailure: ({ route, cause }) => {
        throw new Error(`${route}: ${cause}`);
      },
    });
    return new PagesStage(await chromium.launch({ executablePath, args: FLAGS }), server, folder, history);
  }

  /** A tab of somebody who has the token; every request beyond our server is a failure that `foreign` collects. */
  async tab(options: Parameters<Browser['newContext']>[0] = {}): Promise<{
    page: Page;
    context: BrowserContext;
    foreign: string[];
    complaints: string[];
  }> {
    const context = await this.browser.newContext({
      baseURL: this.server.url,
      httpCredentials: { username: 'auditor', password: TOKEN },
      viewport: { width: 1_280, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.server.url) && !url.startsWith('data:')) foreign.push(url);
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, context, foreign, complaints };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.server.close();
    await this.#history.close();
    await rm(this.#folder, { recursive: true });
  }
}

const PEOPLE: readonly Person[] = [
  SAM,
  TAYLOR,
  { user: 'robin', id: 'PROBIN3', name: 'Robin Three' },
  { user: 'kim', id: 'PKIM4', name: 'Kim Four' },
];

/** March 2026: some requests every day, one outage, one requester who means ill. The same every time. */
async function writeMonth(file: string): Promise<void> {
  await using folder = await aConfigFolder();
  const { policy } = await folder.load(LEAST);
  await using written = await WrittenLedger.create(file, policy, at('2026-03-01T00:00:00Z'));
  let number = 0;
  const id = () =>
    `${(0xa0b1c2d0 + number).toString(16)}-6c1e-4b3a-9d52-${number.toString().padStart(12, '0')}`;
  for (let day = 0; day < 20; day += 1) {
    const requests = 2 + ((day * 7) % 5);
    for (let index = 0; index < requests; index += 1) {
      number += 1;
      const person = PEOPLE[(day + index) % PEOPLE.length] ?? SAM;
      await written.tell({
        id: id(),
        at: plusMs(at('2026-03-01T00:00:00Z'), day * 24 * HOUR + (index * 3 + 2) * HOUR + number * 61_000),
        person,
        reason: 'checkout fails for 30 % of customers, need the payment logs',
        onCall: day === 11 ? 'unknown' : (day + index) % 3 === 2 ? 'no' : 'yes',
      });
    }
  }
  number += 1;
  await written.tell({
    id: id(),
    at: at('2026-03-20T10:00:00Z'),
    person: MALLORY,
    reason: INJECTION,
    onCall: 'no',
    roles: ['prodaccess', '<i>role</i>'],
  });
  const sent = { incidentKey: 'k', title: 't', details: 'd', urgency: 'high' } as const;
  const effect = { kind: 'page', key: 'page', service: 'Access requests', ...sent } as const;
  const outcome = {
    summary: '',
    ours: true,
    incidentId: 'QPAGE1',
    url: 'https://acme.pagerduty.com/incidents/QPAGE1',
  };
  const waits = written.decided({
    id: 'waits',
    at: at('2026-03-20T11:41:00Z'),
    person: TAYLOR,
    reason: INJECTION,
    onCall: 'no',
  });
  const requestId = 'waits';
  await written.append(
    [
      waits,
      { kind: 'effect-intended', requestId, effect },
      { kind: 'effect-done', requestId, key: 'page', outcome },
    ],
    at('2026-03-20T11:42:00Z'),
  );
  for (const [onCall, when, person] of [
    ['no', '2026-03-20T11:12:07Z', TAYLOR],
    ['yes', '2026-03-20T11:14:07Z', SAM],
  ] as const) {
    number += 1;
    const told = await written.tell({
      id: id(),
      at: at(when),
      person,
      onCall,
      reason: 'checkout fails for 30 % of customers, need the payment logs',
    });
    if (onCall === 'yes') await written.append([useOf(told.requestId, at(when))], plusMs(at(when), HOUR));
  }
}

/** Two sessions, one on a host whose name means ill, and `kubectl`. */
function useOf(requestId: string, from: Instant): RecordedUse {
  const by = (type: string, sid: string, minutes: number) => ({
    ...{ type, uid: `${type} ${sid}`, sid, user: SAM.user, time: plusMs(from, minutes * 60_000) },
  });
  const events = [
    {
      ...by('session.start', 'one', 2),
      resource: { kind: 'node', name: INJECTION.slice(0, 90) },
      login: 'root',
    },
    by('session.end', 'one', 22),
    {
      ...by('db.session.start', 'two', 9),
      resource: { kind: 'db', name: 'payments-main' },
      login: 'readonly',
    },
  ];
  return aRecordedUse({ requestId, evidence: someEvidence({ from, until: plusMs(from, HOUR / 2), events }) });
}
