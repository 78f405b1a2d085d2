import { isPgClient } from './pg-client';

describe('isPgClient', () => {
  const connection = { on: () => {} };
  const escapeLiteral = () => '';

  it('knows a client that speaks the protocol', () => {
    expect(isPgClient({ connection, escapeLiteral })).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a client of pg-native', { escapeLiteral }],
    ['one without events', { connection: {}, escapeLiteral }],
    ['one whose events are something else', { connection: { on: true }, escapeLiteral }],
    ['one that does not escape', { connection }],
    ['one that escapes by something else', { connection, escapeLiteral: 'yes' }],
    ['another driver', { query: () => {} }],
  ])('does not take %s for one', (_, client) => {
    expect(isPgClient(client)).toBe(false);
  });
});
