import { expect, it } from 'vitest';
import { selectorOf } from '../../../src/core/owners/selector.ts';

it.each<[string, Readonly<Record<string, readonly string[]>> | null]>([
  ['team=payments,env=prod', { team: ['payments'], env: ['prod'] }],
  [' team = payments , env=prod ', { team: ['payments'], env: ['prod'] }],
  ['a="x,y",b=c', { a: ['x,y'], b: ['c'] }],
  ['aws/Name=till', { 'aws/Name': ['till'] }],
  ['', null],
  ['*', null],
  ['*=*', null],
  ['team=*', null],
  ['*=payments', null],
  ['team=pay*', null],
  ['team=payments,env=*', null],
  ['team', null],
  ['team=', null],
  ['team=""', null],
  ['=x', null],
  ['a=b,', null],
  ['a=b,,c=d', null],
  ['a=b,a=c', null],
  ['a=b c=d', null],
  ['a=b=c', null],
  ['a="b', null],
  ['labels["team"] == "payments"', null],
  ['teleport.dev/origin=dynamic', null],
  ['a=\ud800', null],
  [`a=${'x'.repeat(998)}`, { a: ['x'.repeat(998)] }],
  [`a=${'x'.repeat(999)}`, null],
  [
    Array.from({ length: 10 }, (_, at) => `l${at}=v`).join(),
    Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`l${at}`, ['v']])),
  ],
  [Array.from({ length: 11 }, (_, at) => `l${at}=v`).join(), null],
  ['x'.repeat(65_536), null],
])('a field that says %.40s', (text, selector) => {
  expect(selectorOf(text)).toEqual(selector);
});
