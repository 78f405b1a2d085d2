import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Injectable, Logger } from '@nestjs/common';
import { CallsExportService } from 'nestjs-calls-export';
import { DataSource } from 'typeorm';

const { S3_BUCKET, S3_ENDPOINT } = process.env;

@Injectable()
export class NightlyUpload {
  private readonly logger = new Logger(NightlyUpload.name);
  private readonly s3 = new S3Client(
    S3_ENDPOINT
      ? {
          endpoint: S3_ENDPOINT,
          forcePathStyle: true,
          // Not all S3-compatible servers support the SDK's default checksums.
          requestChecksumCalculation: 'WHEN_REQUIRED',
        }
      : {},
  );

  constructor(
    private readonly exports: CallsExportService,
    private readonly dataSource: DataSource,
  ) {}

  /** Uploads the calls of all accounts. Returns false if any upload failed. */
  async run(signal: AbortSignal): Promise<boolean> {
    const date = new Date().toISOString().slice(0, 10);
    let complete = true;
    for (const accountId of await this.accounts()) {
      if (signal.aborted) return false;
      const key = `calls/${date}/account-${accountId}.ndjson`;
      try {
        const { rows, bytes } = await this.upload(accountId, key, signal);
        this.logger.log(`Account ${accountId}: uploaded ${rows} calls, ${bytes} bytes, as ${key}`);
      } catch (error) {
        complete = false;
        this.logger.error(`Account ${accountId}: not uploaded: ${error}`);
      }
    }
    return complete;
  }

  private async accounts(): Promise<number[]> {
    const rows: { account_id: number }[] = await this.dataSource.query(
      'SELECT DISTINCT account_id FROM calls ORDER BY account_id',
    );
    return rows.map((row) => row.account_id);
  }

  private async upload(accountId: number, key: string, signal: AbortSignal) {
    const file = await this.exports.export(accountId, { format: 'ndjson', signal });
    try {
      // If the export fails, so does the upload: it removes its parts and leaves no object.
      const upload = new Upload({
        client: this.s3,
        params: {
          Bucket: S3_BUCKET,
          Key: key,
          Body: file,
          ContentType: 'application/x-ndjson',
        },
      });
      await upload.done();
      return file.progress;
    } finally {
      // If the upload failed, stop the export as well.
      file.destroy();
    }
  }
}
