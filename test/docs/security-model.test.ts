import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const TEST_FILE = /`([^`\s]+\.(?:test|contract|postgres)\.ts)`/gu;
/** Bullets that complete a sentence whose paragraph names the tests. */
const OF_TWO_PEOPLE = /^(?:the requester is known|a map gives|with `addresses: managed`)/u;

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function testsIn(text: string): readonly string[] {
  return [...text.matchAll(TEST_FILE)].map(([, file = '']) => file);
}

function isTest(file: string): boolean {
  return existsSync(join(ROOT, 'test', file));
}

describe('the security model', () => {
  const [intro = '', ...sections] = textOf('docs/security-model.md').split(/^## /mu);

  it('names tests that exist, by their files below `test/`', () => {
    const named = sections.flatMap(testsIn);

    expect(intro).toContain('below `test/`');
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((file) => !isTest(file))).toEqual([]);
  });

  it('names one in the last column of each row', () => {
    const rows = sections.flatMap((section) => section.split('\n')).filter((line) => /^\| (?!-)/u.test(line));
    const claims = rows.filter((row) => !/\| kept by +\|$/u.test(row));

    expect(claims.length).toBeGreaterThan(45);
    expect(claims.filter((row) => testsIn(row.split(' | ').at(-1) ?? '').length === 0)).toEqual([]);
  });

  it('names one in each point of a list, and in each section but the last', () => {
    const points = sections.flatMap((section) =>
      [...section.matchAll(/^- (.+\n(?: {2}.+\n)*)/gmu)].map(([, point = '']) => point),
    );

    expect(points.length).toBeGreaterThan(15);
    expect(points.filter((point) => testsIn(point).length === 0 && !OF_TWO_PEOPLE.test(point))).toEqual([]);
    expect(
      sections.filter((section) => testsIn(section).length === 0).map((section) => section.split('\n')[0]),
    ).toEqual(['Reporting']);
  });
});

describe('what operators are told', () => {
  const operations = textOf('docs/operations.md');

  it('has a row for each alert', () => {
    const { groups } = parse(textOf('config/alerts.yaml')) as { groups: { rules: { alert: string }[] }[] };
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    const told = [...operations.matchAll(/^\| `(OncallApprover\w+)`/gmu)].map(([, alert]) => alert);

    expect(told.sort()).toEqual(alerts.sort());
  });
});
