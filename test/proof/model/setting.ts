import fc from 'fast-check';

/** What a run is set up with. */
export interface Setting {
  readonly edition: 'enterprise' | 'community';
  readonly submitForUsers: boolean;
  /** Whether the identity sources tell who an approver is in Teleport: a map does, a trait does not. */
  readonly approversKnown: boolean;
  /** How many approvals Teleport asks for; Community knows one only. */
  readonly approvals: 1 | 2;
  /** Robin, at level 2, may answer too. */
  readonly twoApprovers: boolean;
  readonly answerBy: 'note' | 'acknowledge' | 'teleport';
  /** Whether everybody may change their own address in PagerDuty, as the configuration says. */
  readonly addresses: 'managed' | 'unmanaged';
  readonly responders: boolean;
  /** Whether the rule asks for an incident of five minutes, and whether one is there. */
  readonly openIncident: 'not asked for' | 'there' | 'missing';
  readonly breakGlass: boolean;
  /** Whether the ledger has a key. */
  readonly sealed: boolean;
  readonly ifResolved: 'leave' | 'repage';
  /** How often each webhook comes; 0 for none. */
  readonly webhookCopies: 0 | 1 | 2;
  /** Whether the service is a process of its own, which can be killed. */
  readonly inProcess: boolean;
}

/** One of the many ways in which it may be set up. */
export const setting: fc.Arbitrary<Omit<Setting, 'inProcess'>> = fc
  .record({
    edition: fc.constantFrom('enterprise' as const, 'enterprise' as const, 'community' as const),
    submitForUsers: fc.boolean(),
    approversKnown: fc.boolean(),
    approvals: fc.constantFrom(1 as const, 1 as const, 2 as const),
    twoApprovers: fc.boolean(),
    answerBy: fc.constantFrom(
      'note' as const,
      'note' as const,
      'acknowledge' as const,
      'acknowledge' as const,
      'teleport' as const,
    ),
    addresses: fc.constantFrom('unmanaged' as const, 'unmanaged' as const, 'managed' as const),
    responders: fc.boolean(),
    openIncident: fc.constantFrom(
      'not asked for' as const,
      'not asked for' as const,
      'there' as const,
      'missing' as const,
    ),
    breakGlass: fc.boolean(),
    sealed: fc.boolean(),
    ifResolved: fc.constantFrom('leave' as const, 'repage' as const),
    webhookCopies: fc.constantFrom(0 as const, 1 as const, 2 as const),
  })
  .map((each) => ({ ...each, approvals: each.edition === 'community' ? (1 as const) : each.approvals }));
