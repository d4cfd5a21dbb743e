import { failedBy, type Library } from './library.ts';

export const django: Library = {
  name: 'django-prometheus',
  sources: ['recorded: django-prometheus 2.5.0 with Django 5.2.19'],
  servers: [
    {
      requests: ['django_http_responses_total_by_status_total'],
      failed: failedBy('status'),
      duration: [
        'django_http_requests_latency_including_middlewares_seconds',
        'django_http_requests_latency_seconds_by_view_method',
      ],
    },
  ],
};
