import { expect, it } from 'vitest';
import { createTerminal } from '../../src/commands/terminal.ts';

it('a terminal is given nothing that acts upon it, whichever command prints', () => {
  const written: string[] = [];
  const terminal = createTerminal({ columns: 80, write: (text) => written.push(text) }, {});
  const decision = { requester: 'sam\u202e', reason: '\u009b2J\u200b' };

  terminal.print(JSON.stringify(decision));

  expect(written).toEqual(['{"requester":"sam\\u202e","reason":"\\u009b2J\\u200b"}\n']);
  expect(JSON.parse(written.join(''))).toEqual(decision);
});

it.each<[string, boolean, Record<string, string>, string]>([
  ['a terminal', true, {}, '\u001b[31mFAIL\u001b[39m  ledger: FAIL  \\u001b\n'],
  ['a pipe', false, {}, 'FAIL  ledger: FAIL  \\u001b\n'],
  ['a terminal of somebody who wants none', true, { NO_COLOR: '1' }, 'FAIL  ledger: FAIL  \\u001b\n'],
  ['a terminal that has none', true, { TERM: 'dumb' }, 'FAIL  ledger: FAIL  \\u001b\n'],
])(
  'how something went is coloured at the beginning of a line, on %s',
  (_what, isTTY, environment, expected) => {
    const written: string[] = [];

    createTerminal({ isTTY, write: (text) => written.push(text) }, environment).print(
      'FAIL  ledger: FAIL  \u001b',
    );

    expect(written).toEqual([expected]);
  },
);
