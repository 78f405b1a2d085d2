import { entitiesOn } from '../../../test/entities-on';
import { idIndexOf } from './id-column';
import { selectValues } from './select-values';
import { columnOf } from '../../../test/column-of';

describe('selectValues', () => {
  it('makes a query select only these values, in their order', async () => {
    const { calls } = await entitiesOn('postgres');
    const query = calls.repository.createQueryBuilder('call');
    expect(selectValues(query, ['call.status', '1 + 1', 'call.id'])).toBe(query);
    expect(query.getQuery()).toBe(
      'SELECT ("call"."status") AS "c0", (1 + 1) AS "c1", ("call"."id") AS "c2" FROM "calls" "call"',
    );
  });
});

describe('idIndexOf', () => {
  const id = columnOf('id', 'integer');
  const status = columnOf('status', 'text');

  it.each([
    ['the index of its column', [status, id], 1],
    ['the index of its first column', [id, status, id], 0],
    ['that of an additional value if no column has the id', [status], 1],
    [
      'that of an additional value if only the assistant has an id',
      [status, { ...id, of: 'assistant' as const }],
      2,
    ],
    ['that of an additional value if the id is masked', [status, { ...id, mask: String }], 2],
  ])('is %s', async (_title, columns, index) => {
    expect(idIndexOf(await entitiesOn('postgres'), columns)).toBe(index);
  });

  it('is that of an additional value if the id has a transformer', async () => {
    const transformer = { to: Number, from: String };
    const entities = await entitiesOn('postgres', { calls: { id: { type: 'int', transformer } } });
    expect(idIndexOf(entities, [id, status])).toBe(2);
  });
});
