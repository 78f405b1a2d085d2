import type { TokenSettings } from '@calls/auth';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module';

/** The whole HTTP application, ready to listen: the server and the tests start the same one. */
export async function createApp(
  tokens: TokenSettings,
  databaseUrl: string,
  options: NestApplicationOptions = {},
): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule.forRoot(tokens, databaseUrl), options);
  app.setGlobalPrefix('api/v1');
  serveDocs(app);
  return app;
}

/** Swagger UI at `/docs`, the document at `/docs-json`. */
function serveDocs(app: INestApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Calls export')
    .setDescription("Exports an account's phone calls as a file.")
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description), {
    customSiteTitle: 'Calls export',
    swaggerOptions: { persistAuthorization: true },
  });
}
