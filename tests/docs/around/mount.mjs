import express from 'express';
import { Hono } from 'hono';
import { Platform, fetchHandler, nodeHandler } from 'orkestr';
const platform = new Platform('memory:'), app = express(), hono = new Hono();
SNIPPET
const { status } = await hono.request('/booking/v1/api/me');
if (status !== 401) throw new Error(`answered ${status}`);
platform.close();
