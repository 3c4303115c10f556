const PAST = { approve: 'aproved', deny: 'denied', revoke: 'revoked' } as const;

/** How people write an answer, and whether it is one. */
export const WORDINGS: readonly {
  readonly text: (verb: keyof typeof PAST, code: string) => string;
  readonly counts: boolean;
}[] = [
  { text: (verb, code) => `${verb} ${code} as planned`, counts: true },
  { text: (verb, code) => `please ${verb} \`${code.toLowerCase()}\``, counts: true },
  { text: (verb, code) => `👍 ${verb}\u200b ${code}.`, counts: true },
  { text: (verb, code) => `${code}: ${PAST[verb]}`, counts: true },
  { text: (verb, code) => `Resolution Note: looked at it\n${verb} ${code}`, counts: true },
  { text: (verb, code) => `should I ${verb} ${code}?`, counts: false },
  { text: (verb, code) => `> ${verb} ${code}`, counts: false },
  { text: (verb, code) => `do not ${verb} ${code}`, counts: false },
  { text: (verb, code) => `dis${verb} ${code}`, counts: false },
  { text: (_verb, code) => `approve ${code}, or deny ${code} and why`, counts: false },
];
