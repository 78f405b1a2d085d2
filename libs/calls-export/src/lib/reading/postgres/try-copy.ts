import { csv } from '../../formats/csv.format';
import { Page } from '../../formats/page';
import type { Connections } from '../connections';
import { BinaryCopy } from './binary-copy';
import { BinaryRows } from './binary-rows';
import { isPgClient } from './pg-client';
import { SETTINGS } from './postgres-reader';

/**
 * Copies a row, with the settings of a page.
 *
 * @throws Error if the driver or the database can't do it.
 */
export async function tryCopy(connections: Connections): Promise<void> {
  await connections.use(async (_, client) => {
    if (!isPgClient(client)) throw new Error("the driver is not the JavaScript client of 'pg'");
    const { cells } = csv.encoder([], { formulaGuard: true, byteOrderMark: false });
    const rows = new BinaryRows([], 0, cells, new Page(100), 100);
    const query = new BinaryCopy(`${SETTINGS} COPY (SELECT 1) TO STDOUT (FORMAT binary)`, rows);
    client.query(query);
    await query.calls;
  });
}
