import { isPgClient } from './pg-client';

describe('isPgClient', () => {
  const connection = { on: () => {} };
  const escapeLiteral = () => '';

  it('accepts a client that exposes the protocol', () => {
    expect(isPgClient({ connection, escapeLiteral })).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a client of pg-native', { escapeLiteral }],
    ['a client without events', { connection: {}, escapeLiteral }],
    ['a client whose on is not a function', { connection: { on: true }, escapeLiteral }],
    ['a client without escapeLiteral', { connection }],
    ['a client whose escapeLiteral is not a function', { connection, escapeLiteral: 'yes' }],
    ['another driver', { query: () => {} }],
  ])('rejects %s', (_, client) => {
    expect(isPgClient(client)).toBe(false);
  });
});
