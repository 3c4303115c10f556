import type { Policy, Rule } from '../core/rule.ts';
import { matchesAny } from '../core/values/pattern.ts';
import type { RolePermissions } from '../ports/teleport.ts';
import { warning, type Finding } from './finding.ts';

/** A warning where rules go by host names and the service may hardly see the nodes: such rules then approve nothing. */
export function checkHostNames(
  user: string,
  roles: readonly RolePermissions[],
  { rules }: Policy,
): readonly Finding[] {
  const byName = rules.filter(goesByHostNames);
  if (byName.length === 0 || roles.some(({ mayPreview = [] }) => mayPreview.length > 0)) return [];
  const wanted = [...new Set(byName.flatMap((rule) => rule.roles))].sort().join(', ');
  return [
    warning(
      'teleport host names',
      `rules go by host names of nodes (${byName.map(({ name }) => name).join(', ')}), and user ${user} sees nodes only by the labels of its own roles; of others the name is unknown, and a person is asked: add to its role \`review_requests: {preview_as_roles: [${wanted}]}\`, by the full names of roles`,
    ),
  ];
}

function goesByHostNames({ when: { resources } }: Rule): boolean {
  return resources !== null && matchesAny(resources.kinds, 'node') && !resources.names.includes('*');
}
