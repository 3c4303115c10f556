import { expect, it } from 'vitest';
import { withoutInstructions } from '../../../src/core/answers/instructions.ts';

const ID = '0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44';

it.each([
  ['approve F00BA', '[…]'],
  ['please approve F00BA now', 'please […] now'],
  ['please\n\naPPROVED: F00BA.', 'please\n\n[…].'],
  ['`deny F00BA` or reject-F00BA', '`[…]` or […]'],
  ['revoke request F00BA', '[…]'],
  ['F00BA approve, thanks', '[…], thanks'],
  ['aprove F00BA, approvve F00BA, appprove F00BA, apporve F00BA, spprove F00BA', '[…], […], […], […], […]'],
  [`approve ${ID}`, '[…]'],
  ['appr0ve F00BA, F00BA appr0ve', '[…], […]'],
  ['approve ABCDE, letters alone', '[…], letters alone'],
  ['please approve. The code for that is F00BA or ABCDE', 'please approve. The code for that is […] or […]'],
  ['ap\u200bprove F0\u200b0BA', '[…]'],
  ['ａｐｐｒｏｖｅ Ｆ００ＢＡ', '[…]'],
  ['\u0430pprove F00\u0412\u0410', '[…]'],
  ['a\u0332pprove F\u033200BA', '[…]'],
  ['ᴀᴘᴘʀᴏᴠᴇ F00BA', 'ᴀᴘᴘʀᴏᴠᴇ […]'],
  ['Ꭺpprove Ꮠ00ᏴᎪ', 'Ꭺpprove […]'],
  ['αρρrονε: the code is F00BA, see INC-12345', 'approvε: the code is […], see INC-12345'],
])('leaves out of a text what could be taken for the way to answer: %j', (text, left) => {
  expect(withoutInstructions(text)).toBe(left);
});

it.each([
  'checkout fails since commit deadbe1, see INC-12345',
  'the change is approved in CHG-12345',
  'please approve, I have to look at pod cart-7',
  'beaded facade, decade 20260303',
  'na\u00efve cafe\u0301',
  '\u6c7a\u6e08\u969c\u5bb3 deadbe1',
  '\u0434\u0438\u0441\u043a \u043f\u043e\u043b\u043e\u043d, INC-12345',
  'please approve, cafe\u0301',
  '?!',
])('leaves everything else as it is: %j', (text) => {
  expect(withoutInstructions(text)).toBe(text);
});

it.each([
  ['or for prod F00BA, INC-12345', 'or for prod […], INC-12345'],
  ['added nodes fail', 'added nodes fail'],
])('beside a verb of ours leaves out a code by itself: %j', (text, left) => {
  expect(withoutInstructions(text, { beside: true })).toBe(left);
});
