import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INJECTION, MALLORY, PagesStage, REPORTS, TOKEN } from './pages-stage.ts';

let stage: PagesStage;
beforeAll(async () => {
  stage = await PagesStage.open();
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** What an automated accessibility check finds wrong, all rules of WCAG 2.2 A and AA and best practice. */
async function violationsOn(page: Page): Promise<readonly string[]> {
  // The policy of the page allows no script at all: the check is put in by the browser's own debugger.
  const client = await page.context().newCDPSession(page);
  const evaluate = async (expression: string) =>
    client.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
  await evaluate(axe.source);
  const { result } = await evaluate('axe.run(document).then((found) => JSON.stringify(found.violations))');
  const violations = JSON.parse(String(result.value)) as Violation[];
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

async function firstRequest(page: Page, verdict: string): Promise<void> {
  await page.goto(`/decisions?verdict=${verdict}`);
  await page.locator('table.list tbody tr').first().getByRole('link').click();
}

const VIEWS: [string, string][] = [
  ['the list', '/decisions'],
  ['a list without anything in it', '/decisions?user=nobody'],
  ['the month', '/decisions/month/2026-03'],
  ['a month without anything in it', '/decisions/month/2020-01'],
  ['a page that is not there', '/decisions/zzz'],
  ['what goes on now', '/now?renew=off'],
  ['the forecast', '/forecast'],
  ['the owners', '/owners'],
  ['an explanation', '/explain?user=sre-1&roles=prodaccess'],
];

describe.each([
  ['light', 'light'],
  ['dark', 'dark'],
] as const)('in the %s scheme', (_name, colorScheme) => {
  it.each(VIEWS)('%s has nothing to complain of in an automated accessibility check', async (what, path) => {
    const { page, context } = await stage.tab({ colorScheme });
    await page.goto(path);

    await page.screenshot({
      path: `${REPORTS}/${what.replaceAll(' ', '-')}-${colorScheme}.png`,
      fullPage: true,
    });
    expect(await violationsOn(page)).toEqual([]);
    await context.close();
  });

  it.each(['approve', 'escalate'])('the page of a request (%s) neither', async (verdict) => {
    const { page, context } = await stage.tab({ colorScheme });
    await firstRequest(page, verdict);

    await page.screenshot({ path: `${REPORTS}/request-${verdict}-${colorScheme}.png`, fullPage: true });
    expect(await violationsOn(page)).toEqual([]);
    await context.close();
  });
});

describe('the list', () => {
  it('is filtered by its form, without scripts', async () => {
    const { page, context } = await stage.tab({ javaScriptEnabled: false });
    await page.goto('/decisions');

    await page.getByLabel('Requester').fill('sam');
    await page.getByLabel('Verdict').selectOption('approve');
    await page.getByLabel('From').fill('2026-03-05');
    await page.getByLabel('To').fill('2026-03-12');
    await page.getByRole('button', { name: 'Filter' }).click();

    const rows = page.locator('table.list tbody tr');
    expect(await rows.count()).toBeGreaterThan(2);
    for (const row of await rows.all()) {
      expect(await row.locator('td.name').textContent()).toBe('sam');
      expect(await row.locator('.badge').textContent()).toContain('Approved');
      const day = ((await row.locator('time').first().getAttribute('datetime')) ?? '').slice(0, 10);
      expect(day >= '2026-03-05' && day <= '2026-03-12').toBe(true);
    }
    expect(await page.getByLabel('Requester').inputValue()).toBe('sam');
    await context.close();
  });

  it('goes back page by page until every decision was shown once', async () => {
    const { page, context } = await stage.tab();
    await page.goto('/decisions');
    const seen: string[] = [];
    for (;;) {
      seen.push(...(await page.locator('td.id').allTextContents()));
      const older = page.getByRole('link', { name: 'Older' });
      if ((await older.count()) === 0) break;
      await older.click();
    }

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(60);
    await context.close();
  });

  it('is walked through by keyboard alone, from the skip link to a request', async () => {
    const { page, context } = await stage.tab();
    await page.goto('/decisions');

    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    for (let tabs = 0; tabs < 30; tabs += 1) {
      await page.keyboard.press('Tab');
      const onDecision: unknown = await page.evaluate('document.activeElement.matches("td.id a")');
      if (onDecision === true) break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/decisions\/OA-/u);

    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('asked for prodaccess');
    await context.close();
  });
});

describe('the page of a request', () => {
  it('tells the story from top to bottom', async () => {
    const { page, context } = await stage.tab();
    await firstRequest(page, 'approve');

    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      'What was asked',
      'Who was on call',
      'Why: rules and conditions',
      'Votes',
      'What happened',
      'What was written',
      'Proof',
    ]);
    expect(await page.getByRole('link', { name: 'Request in Teleport' }).getAttribute('href')).toMatch(
      /^https:\/\/teleport\.example\.com(:443)?\/web\/requests\//u,
    );
    expect(await page.getByRole('img').count()).toBe(1);
    await context.close();
  });

  it('marks the instant of the decision inside the shift that it rests on', async () => {
    const { page, context } = await stage.tab();
    await firstRequest(page, 'approve');

    const shift = await page.locator('.lane.proves rect').boundingBox();
    const now = await page.locator('.now circle').boundingBox();
    expect(shift).not.toBeNull();
    expect(now?.x).toBeGreaterThan(shift?.x ?? Number.NaN);
    expect(now?.x).toBeLessThan((shift?.x ?? 0) + (shift?.width ?? 0));
    await context.close();
  });

  it('prints on white, without forms and links that lead nowhere on paper', async () => {
    const { page, context } = await stage.tab({ colorScheme: 'dark' });
    await firstRequest(page, 'approve');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });

    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
    await page.pdf({ path: `${REPORTS}/request.pdf`, format: 'A4', printBackground: true });
    await page.screenshot({ path: `${REPORTS}/request-print.png`, fullPage: true });
    await context.close();
  });

  it.each(['/decisions', '/decisions/month/2026-03', '/decisions?used=yes'])(
    'fits a phone, and what is drawn can be read: %s',
    async (path) => {
      const { page, context } = await stage.tab({ viewport: { width: 390, height: 800 } });
      await page.goto(path);
      if (path.includes('?')) await page.locator('table.list tbody tr').first().getByRole('link').click();

      await page.screenshot({ path: `${REPORTS}/phone${path.replaceAll(/\W/gu, '-')}.png`, fullPage: true });
      const fits = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth';
      const heights = `[...document.querySelectorAll('figure svg[role=img] text')].map((text) => text.getBoundingClientRect().height)`;
      expect(await page.evaluate(fits)).toBe(true);
      for (const height of await page.evaluate<number[]>(heights)) expect(height).toBeGreaterThan(9);
      expect(await violationsOn(page)).toEqual([]);
      if (path.includes('?'))
        expect(await page.getByRole('heading').allTextContents()).toContain('What it was used for');
      await context.close();
    },
  );

  it('fits a narrow screen without sideways scrolling of the page', async () => {
    const { page, context } = await stage.tab({ viewport: { width: 390, height: 800 } });
    await firstRequest(page, 'escalate');

    await page.screenshot({ path: `${REPORTS}/request-narrow.png`, fullPage: true });
    expect(
      await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'),
    ).toBe(true);
    await context.close();
  });
});

describe.each(['light', 'dark'] as const)('on a phone, in the %s scheme', (colorScheme) => {
  it.each(['/now', '/forecast', '/owners', '/explain?user=sre-1&roles=prodaccess'])(
    '%s needs no sideways scrolling',
    async (path) => {
      const options = { viewport: { width: 390, height: 800 }, colorScheme };
      const { page, context, foreign } = await stage.tab(options);
      await page.goto(path);

      await page.screenshot({
        path: `${REPORTS}/phone${path.split('?')[0]?.replace('/', '-') ?? ''}-${colorScheme}.png`,
        fullPage: true,
      });
      const fits = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth';
      expect([await page.evaluate(fits), foreign]).toEqual([true, []]);
      await context.close();
    },
  );
});

describe('what goes on now', () => {
  it('is where one arrives, is shown as text whoever wrote it, and renews itself', async () => {
    const { page, context, complaints } = await stage.tab();
    await page.goto('/');

    expect(new URL(page.url()).pathname).toBe('/now');
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      'What waits',
      'Who is on call',
      'Open access',
      'Health',
    ]);
    expect(await page.locator('meta[http-equiv=refresh]').getAttribute('content')).toBe('30');
    expect(await page.locator('main img, main script, main b').count()).toBe(0);
    expect(await page.locator('.brand').textContent()).toContain('has a warning');
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('text of others', () => {
  it('is shown as text wherever it stands, runs nowhere, and asks nobody else for anything', async () => {
    const { page, context, foreign, complaints } = await stage.tab();
    await page.goto('/decisions?user=*mallory*');
    const requesters = await page.locator('td.name').allTextContents();
    await page.locator('td.id a').first().click();
    await page.screenshot({ path: `${REPORTS}/injection.png`, fullPage: true });

    expect(requesters).toEqual([MALLORY.user]);
    const body = (await page.locator('body').textContent()) ?? '';
    expect(body).toContain('<script>window.injected=1</script><img src=x');
    expect(body).not.toContain('\u202E');
    expect(await page.evaluate('window.injected')).toBeUndefined();
    expect(await page.locator('main img, main script, main b, main i').count()).toBe(0);
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('is shown as text in filters, too', async () => {
    const { page, context, complaints } = await stage.tab();
    await page.goto(`/decisions?user=${encodeURIComponent(INJECTION)}&before=%22%3E&from=yesterday`);

    expect(await page.getByLabel('Requester').inputValue()).toBe(INJECTION);
    expect(await page.evaluate('window.injected')).toBeUndefined();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('could not run even if it were markup: the policy forbids every script', async () => {
    const { page, context, complaints } = await stage.tab();
    const answer = await page.goto('/decisions');
    await page.evaluate(() => {
      const scope = globalThis as unknown as {
        document: { body: { insertAdjacentHTML(where: string, text: string): void } };
      };
      scope.document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.injected=1">');
    });
    await expect.poll(() => complaints.join()).toContain('Content Security Policy');

    expect(await page.evaluate('window.injected')).toBeUndefined();
    expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
    await context.close();
  });
});

describe('the month', () => {
  it('leads from a day to its decisions', async () => {
    const { page, context } = await stage.tab();
    await page.goto('/decisions/month/2026-03');
    await page.getByRole('link', { name: '2026-03-12' }).click();

    const verdicts = await page.locator('td .badge').allTextContents();
    expect(new Set(verdicts)).toEqual(new Set(['↗ Handed to people']));
    await context.close();
  });

  it('counts the outage as unknown, and says whose shifts carried the approvals', async () => {
    const { page, context } = await stage.tab();
    await page.goto('/decisions/month/2026-03');

    expect(Number(await page.locator('.totals .unknown strong').textContent())).toBeGreaterThan(1);
    expect(await page.locator('#on-call-for-approvals ~ .scroll tbody th').allTextContents()).toContain(
      'Sam One',
    );
    await context.close();
  });
});

describe('who has no token', () => {
  it('is asked for one by the browser, and sees nothing', async () => {
    const { page, context } = await stage.tab({
      httpCredentials: { username: 'auditor', password: `${TOKEN}x` },
    });
    const answer = await page.goto('/decisions').catch(() => null);

    expect(answer === null || answer.status() === 401).toBe(true);
    expect(await page.locator('table').count()).toBe(0);
    await context.close();
  });
});
