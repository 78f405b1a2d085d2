import { csv } from '../../formats/csv.format';
import { Page } from '../../formats/page';
import type { Connections } from '../connections';
import { BinaryRows } from './binary-rows';
import { copyOut } from './copy-out';
import { isPgClient } from './pg-client';
import { settingsOf } from './settings';

/**
 * Copies one row with the settings of a page, to find out whether binary COPY works.
 *
 * @throws Error if the driver or the database does not support it.
 */
export async function tryCopy(connections: Connections): Promise<void> {
  await connections.use(async (runner, client) => {
    if (!isPgClient(client)) throw new Error("the driver is not the JavaScript client of 'pg'");
    const { cells } = csv.encoder([], { formulaGuard: true, byteOrderMark: false, delimiter: ',' });
    const rows = new BinaryRows([], 0, cells, new Page(100), 100, []);
    const copy = `${settingsOf({}, client)}COPY (SELECT 1) TO STDOUT (FORMAT binary)`;
    await copyOut(runner, client, copy, (chunk) => rows.write(chunk));
    if (!rows.isComplete) throw new Error('the server sent no COPY data');
  });
}
