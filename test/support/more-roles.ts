import type { Cluster } from '../sim/teleport/cluster.ts';

/** Lets everybody of `sres` ask for roles `extra-0` to `extra-9` as well, and the service review that. */
export function mayAskForMore({ directory }: Cluster): void {
  const extra = Array.from({ length: 10 }, (_, each) => `extra-${each}`);
  for (const name of extra) directory.putRole({ name, allow: {} });
  const roles = ['prodaccess', ...extra];
  const [sres, bot] = [directory.role('sres'), directory.role('access-reviewer')];
  directory.putRole({ ...sres, allow: { ...sres.allow, request: { roles } } });
  directory.putRole({ ...bot, allow: { ...bot.allow, reviewRequests: { roles } } });
}

/** Lets everybody of `sres` ask for things by way of `prodaccess`, and the service look at what it can reach. */
export function mayAskForThings({ directory }: Cluster): void {
  const [sres, reviewer] = [directory.role('sres'), directory.role('access-reviewer')];
  const request = { ...sres.allow.request, searchAsRoles: ['prodaccess'] };
  directory.putRole({ ...sres, allow: { ...sres.allow, request } });
  const reviewRequests = { ...reviewer.allow.reviewRequests, previewAsRoles: ['prodaccess'] };
  directory.putRole({ ...reviewer, allow: { ...reviewer.allow, reviewRequests } });
}
