import { describeWith } from '@calls/testing';
import { LONG_ID } from './calls';
import type { Reader } from './reader';
import type { Guide } from './snippets';

export function libreOffice(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', 'soffice'], 'with LibreOffice', () => {
    const whole = guide.take('Download it: sh');
    const ofMonday = guide.take('Download it: sh 2');

    /** What LibreOffice makes of a file, as XML. */
    async function opened(file: string, ...options: string[]): Promise<string> {
      const profile = `-env:UserInstallation=file://${reader.workplace.path('profile')}`;
      await reader.workplace.run('soffice', [
        ...[
          profile,
          '--headless',
          '--convert-to',
          'fods',
          '--outdir',
          reader.workplace.path('sheets'),
        ],
        ...[...options, reader.workplace.path(file)],
      ]);
      return reader.workplace.read(`sheets/${file.replace(/\.\w+$/, '.fods')}`);
    }

    it('opens the workbook with texts, numbers and dates as they are', async () => {
      await reader.workplace.shell(whole);
      const sheet = await opened('calls.xlsx');
      for (const text of ['+15551234567', '0015551234567', '007', LONG_ID, '=1+1'])
        expect(sheet).toContain(`<text:p>${text}</text:p>`);
      expect(sheet).toContain('office:date-value="2023-10-30T10:00:00"');
      expect(sheet).toContain('office:value="300"');
      expect(sheet).not.toContain('table:formula');
    });

    it('opens the workbook of a day in the time of a zone', async () => {
      await reader.workplace.shell(ofMonday);
      const dates = (await opened('monday.xlsx')).match(/office:date-value="[^"]*"/g);
      expect(new Set(dates)).toEqual(
        new Set(
          ['11:00:00', '11:05:00', '12:00:00'].map(
            (time) => `office:date-value="2023-10-30T${time}"`,
          ),
        ),
      );
    });

    it('guesses at CSV as the table says', async () => {
      await reader.workplace.write(
        'calls.csv',
        await (await reader.api.export('format=csv')).text(),
      );
      const sheet = await opened('calls.csv');
      // +15551234567 and 0015551234567
      expect(sheet.match(/office:value="15551234567"/g)).toHaveLength(2);
      expect(sheet).toContain('office:value="7"');
      expect(sheet).not.toContain(LONG_ID);
      expect(sheet).toContain('office:date-value="2023-10-30T10:00:00"');
      expect(sheet).toContain('<text:p>&apos;=1+1</text:p>');
      expect(sheet).not.toContain('table:formula');
    });

    it('keeps what CSV has in quotes, and ids, if it is told to', async () => {
      await reader.workplace.write(
        'calls.csv',
        await (await reader.api.export('format=csv')).text(),
      );
      // Comma, quotation mark, UTF-8, from line 1, column 1 as text, English, quoted fields as text.
      const sheet = await opened('calls.csv', '--infilter=CSV:44,34,76,1,1/2,1033,true,true');
      for (const text of ['+15551234567', '0015551234567', '007', LONG_ID, '2023-10-30T10:00:00'])
        expect(sheet).toContain(`<text:p>${text}</text:p>`);
    });
  });
}
