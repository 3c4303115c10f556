import type { Unclear } from './answer.ts';

/** What was understood of a note that is no answer, as the beginning of a sentence that goes on with what to write. */
export const UNDERSTOOD: Readonly<Record<Unclear, (code: string) => string>> = {
  'no verb': (code) => `it names ${code} and does not say what is to become of it`,
  'no code': () => 'it does not say which request it is for',
  question: () => 'it asks something',
  quotation: () => 'it repeats what stands elsewhere',
  'several verbs': () => 'it says more than one thing',
  'several codes': () => 'it may be for more than one request, and each needs a note of its own',
  'other words': (code) => `what stands around ${code} is not understood`,
  over: () => 'the request that it names is over',
  acknowledged: () => 'acknowledging does not approve this request',
  talk: () => 'it says neither yes nor no',
};
