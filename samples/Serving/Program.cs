// An adapted model behind HTTP: requests that come together are predicted together, and rows that no longer look like
// the target of the fit raise an alarm. `--load 60` asks it from eight clients for a minute and prints what they saw;
// with `--shift 2` their rows have moved.
using System.Globalization;
using Microsoft.Extensions.Options;
using Serving;
using TransferLearning;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tabular;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAdaptedModel(Adapt);

var (load, moved) = (builder.Configuration["load"], builder.Configuration["shift"] ?? "0");
var isNumber = double.TryParse(load, CultureInfo.InvariantCulture, out var seconds);
if (load is not null && (!isNumber || seconds is not (> 0 and <= 86_400)))
{
    Console.Error.WriteLine($"--load takes seconds, at most a day's; got '{load}'.");
    return 1;
}
if (!double.TryParse(moved, CultureInfo.InvariantCulture, out var shift) || !double.IsFinite(shift))
{
    Console.Error.WriteLine($"--shift takes the number that is added to every number of the rows; got '{moved}'.");
    return 1;
}

var app = builder.Build();
try
{
    _ = app.Services.GetRequiredService<IOptions<DriftOptions>>().Value;
}
catch (Exception fault) when (fault is OptionsValidationException or InvalidOperationException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
app.MapAdaptedModel();
if (load is null)
{
    await app.RunAsync();
    return 0;
}
app.Urls.Add("http://127.0.0.1:0");
await app.StartAsync();
var report = await new LoadTest(app, TimeSpan.FromSeconds(seconds), shift).RunAsync();
await app.StopAsync();
await app.DisposeAsync();
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
    return new AdaptedService(model, target.Inputs, encoder.Features);
}

static string DataFile(string name) => Path.Combine(AppContext.BaseDirectory, "data", name + ".csv");
