import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { teleportErrorOf } from '../../src/teleport/connection/errors.ts';

it('leaves out the note that grpc-js announces and does not give', () => {
  const details =
    'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:3025. Resolution note: ';
  const failed = Object.assign(new Error(details), { code: status.UNAVAILABLE, details });
  const call = {
    addr: '127.0.0.1:3025',
    action: { does: 'answer a ping', needs: '' },
    connectionFailure: null,
  };

  expect(teleportErrorOf(failed, call).message).toBe(
    'teleport at `127.0.0.1:3025` cannot be reached to answer a ping (`No connection established. Last error: connect ECONNREFUSED 127.0.0.1:3025`): is it running, and is `teleport.addr` right?',
  );
});
