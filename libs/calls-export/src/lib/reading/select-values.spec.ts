import { entitiesOn } from '../../../test/entities-on';
import { idIndexOf } from './id-column';
import { selectValues } from './select-values';
import { columnOf } from '../../../test/column-of';

describe('selectValues', () => {
  it('has a query select these values in their order, and nothing else', async () => {
    const { calls } = await entitiesOn('postgres');
    const query = calls.repository.createQueryBuilder('call');
    expect(selectValues(query, ['call.status', '1 + 1', 'call.id'])).toBe(query);
    expect(query.getQuery()).toBe(
      'SELECT ("call"."status") AS "c0", (1 + 1) AS "c1", ("call"."id") AS "c2" FROM "calls" "call"',
    );
  });
});

describe('The id of a call in a row', () => {
  const id = columnOf('id', 'integer');
  const status = columnOf('status', 'text');

  it.each([
    ['its column', [status, id], 1],
    ['its first column', [id, status, id], 0],
    ['one more value, where no column has it', [status], 1],
    [
      "one more value, where that of an assistant is no call's",
      [status, { ...id, of: 'assistant' as const }],
      2,
    ],
    ['one more value, where another one is made of it', [status, { ...id, mask: String }], 2],
  ])('is %s', async (_title, columns, index) => {
    expect(idIndexOf(await entitiesOn('postgres'), columns)).toBe(index);
  });

  it('is one more value where a transformer makes another one of it', async () => {
    const transformer = { to: Number, from: String };
    const entities = await entitiesOn('postgres', { calls: { id: { type: 'int', transformer } } });
    expect(idIndexOf(entities, [id, status])).toBe(2);
  });
});
