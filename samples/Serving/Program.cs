// An adapted model behind HTTP: requests that come together are predicted together, and rows that no longer look like
// the target of the fit raise an alarm. `--load 60` asks it from eight clients for a minute and prints what they saw.
using System.Globalization;
using Serving;
using TransferLearning;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tabular;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton<AdaptedService>(_ => Adapt());
builder.Services.AddSingleton<BatchedPredictions>();
builder.Services.AddHostedService(services => services.GetRequiredService<BatchedPredictions>());
builder.Services.AddSingleton<DriftWatch>();
builder.Services.AddHealthChecks();

var app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/model", (AdaptedService service) => service.Model.Describe());
app.MapGet("/drift", (DriftWatch watch) => watch.Latest);
app.MapPost(
    "/predict",
    async (Rows rows, BatchedPredictions predictions, DriftWatch watch, CancellationToken canceled) =>
    {
        if (predictions.Fault(rows.Values) is { } fault)
        {
            return Results.BadRequest(fault);
        }
        watch.See(rows.Values);
        return Results.Ok(await predictions.Of(rows.Values, canceled));
    }
);

if (builder.Configuration["load"] is not { } load)
{
    await app.RunAsync();
    return 0;
}
if (!double.TryParse(load, CultureInfo.InvariantCulture, out var seconds) || seconds is not (> 0 and <= 86_400))
{
    Console.Error.WriteLine($"--load takes seconds, at most a day's; got '{load}'.");
    return 1;
}
app.Urls.Add("http://127.0.0.1:0");
await app.StartAsync();
var report = await LoadTest.RunAsync(app, TimeSpan.FromSeconds(seconds));
await app.StopAsync();
Console.WriteLine(report);
return 0;

// Plant A is labeled; the model is for plant C, which reads the same machines by other sensors.
static AdaptedService Adapt()
{
    var tables = new[] { "plant-a", "plant-c" }.Select(name => Table.ReadCsv(DataFile(name))).ToList();
    var encoder = new TableEncoding { Label = "failed", LabelIsClass = true }.Fit(tables);
    var (source, target) = (encoder.Labeled(tables[0]), encoder.Labeled(tables[1]).WithoutLabels());
    var model = new AdaptationBuilder()
        .Map(new CorrelationAlignment { Ridge = 0.01 })
        .Learn(new LogisticRegression())
        .Fit(source, target);
    return new AdaptedService(model, target.Inputs);
}

static string DataFile(string name) => Path.Combine(AppContext.BaseDirectory, "data", name + ".csv");
