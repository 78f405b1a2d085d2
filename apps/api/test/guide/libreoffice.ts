import { describeWith } from '@calls/testing';
import { LONG_ID } from './calls';
import type { Reader } from './reader';
import type { Guide } from './snippets';

export function libreOffice(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', 'soffice'], 'with LibreOffice', () => {
    const download = guide.take('Download it: sh');
    const downloadMonday = guide.take('Download it: sh 2');

    /** Opens a file with LibreOffice. @returns the sheet as XML. */
    async function open(file: string, ...options: string[]): Promise<string> {
      const profile = `-env:UserInstallation=file://${reader.workspace.path('profile')}`;
      await reader.workspace.run('soffice', [
        ...[
          profile,
          '--headless',
          '--convert-to',
          'fods',
          '--outdir',
          reader.workspace.path('sheets'),
        ],
        ...[...options, reader.workspace.path(file)],
      ]);
      return reader.workspace.read(`sheets/${file.replace(/\.\w+$/, '.fods')}`);
    }

    it('reads text, numbers and dates of the workbook unchanged', async () => {
      await reader.workspace.shell(download);
      const sheet = await open('calls.xlsx');
      for (const text of ['+15551234567', '0015551234567', '007', LONG_ID, '=1+1'])
        expect(sheet).toContain(`<text:p>${text}</text:p>`);
      expect(sheet).toContain('office:date-value="2023-10-30T10:00:00"');
      expect(sheet).toContain('office:value="300"');
      expect(sheet).not.toContain('table:formula');
    });

    it('reads the workbook of a day in a time zone', async () => {
      await reader.workspace.shell(downloadMonday);
      const dates = (await open('monday.xlsx')).match(/office:date-value="[^"]*"/g);
      expect(new Set(dates)).toEqual(
        new Set(
          ['11:00:00', '11:05:00', '12:00:00'].map(
            (time) => `office:date-value="2023-10-30T${time}"`,
          ),
        ),
      );
    });

    it("converts CSV as the guide's table says", async () => {
      await reader.workspace.write(
        'calls.csv',
        await (await reader.api.export('format=csv')).text(),
      );
      const sheet = await open('calls.csv');
      // +15551234567 and 0015551234567
      expect(sheet.match(/office:value="15551234567"/g)).toHaveLength(2);
      expect(sheet).toContain('office:value="7"');
      expect(sheet).not.toContain(LONG_ID);
      expect(sheet).toContain('office:date-value="2023-10-30T10:00:00"');
      expect(sheet).toContain('<text:p>&apos;=1+1</text:p>');
      expect(sheet).not.toContain('table:formula');
    });

    it('keeps quoted fields and IDs of CSV as text with an import filter', async () => {
      await reader.workspace.write(
        'calls.csv',
        await (await reader.api.export('format=csv')).text(),
      );
      // Comma, quotation mark, UTF-8, from line 1, column 1 as text, English (US), quoted fields as text.
      const sheet = await open('calls.csv', '--infilter=CSV:44,34,76,1,1/2,1033,true,true');
      for (const text of ['+15551234567', '0015551234567', '007', LONG_ID, '2023-10-30T10:00:00'])
        expect(sheet).toContain(`<text:p>${text}</text:p>`);
    });
  });
}
