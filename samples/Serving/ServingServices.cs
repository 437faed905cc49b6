namespace Serving;

/// <summary>What serves a model, as services of a host and as routes of its application.</summary>
internal static class ServingServices
{
    /// <summary>Registers a model with its batches, its ONNX file, its drift watch, its metrics and its health.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="make">Makes the model, once, when it is first asked for.</param>
    public static IServiceCollection AddAdaptedModel(this IServiceCollection services, Func<AdaptedService> make)
    {
        services.AddMetrics();
        services.AddSingleton(_ => make());
        services.AddSingleton<ServingMetrics>();
        services.AddSingleton<MetricsPage>();
        services.AddSingleton<BatchedPredictions>();
        services.AddHostedService(provider => provider.GetRequiredService<BatchedPredictions>());
        services.AddSingleton<OnnxPredictions>();
        services.AddSingleton<DriftWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<DriftWatch>());
        services.AddSingleton<Answering>();
        services
            .AddOptions<DriftOptions>()
            .BindConfiguration("Drift")
            .Validate(options => options.Fault is null, DriftOptions.Limits)
            .ValidateOnStart();
        services.AddHealthChecks().AddCheck<ServingHealth>("predictions");
        return services;
    }

    /// <summary>Maps the routes: predictions by the model and by its ONNX file, and what tells of their state.</summary>
    public static void MapAdaptedModel(this WebApplication app)
    {
        // What listens and loads is ready for the first request.
        _ = app.Services.GetRequiredService<MetricsPage>();
        _ = app.Services.GetRequiredService<OnnxPredictions>();
        app.MapHealthChecks("/health");
        app.MapGet("/metrics", (MetricsPage page) => Results.Text(page.Text(), "text/plain; version=0.0.4"));
        app.MapGet("/model", (AdaptedService service) => service.Model.Describe());
        app.MapGet("/drift", (DriftWatch watch) => watch.Latest);
        app.MapGet(
            "/drift/report",
            (DriftWatch watch, AdaptedService service) =>
                watch.Report is { } report
                    ? Results.Text(report.ToHtml(service.Features), "text/html")
                    : Results.NotFound("No look for drift has ended yet.")
        );
        app.MapPost(
            "/predict",
            (Rows rows, Answering answering, BatchedPredictions predictions, CancellationToken canceled) =>
                answering.Answer("/predict", rows, () => predictions.Of(rows.Values, canceled))
        );
        app.MapPost(
            "/predict/onnx",
            (Rows rows, Answering answering, OnnxPredictions predictions) =>
                answering.Answer("/predict/onnx", rows, () => Task.FromResult(predictions.Of(rows.Values)))
        );
    }
}
