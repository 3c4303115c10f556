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
