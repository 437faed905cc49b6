using System.CommandLine;
using DigitAdaptation;
using DigitStyles;

WaitingThreads.SleepSoon();
var epochs = Whole("--epochs", 12, "How long the generators and critics are trained.");
var images = Whole("--images", 1500, "How many MNIST digits are translated and trained on.");
var width = Whole("--width", 16, "How many maps the networks' first layers have; more are better and slower.");
var report = new Option<FileInfo>("--report")
{
    Description = "Where the report goes, an HTML page.",
    DefaultValueFactory = _ => new FileInfo(Path.Combine("artifacts", "digit-styles.html")),
};
var command = new RootCommand(
    "Translates MNIST digits into the style of the optical digits, without pairs of them, and trains a reader of the "
        + "optical digits on the result."
)
{
    epochs,
    images,
    width,
    report,
};
command.SetAction(parsed =>
{
    var file = parsed.GetRequiredValue(report);
    var outcome = Styles.Run(parsed.GetValue(epochs), parsed.GetValue(images), parsed.GetValue(width));
    Console.WriteLine($"source alone  {outcome.Alone:P1}");
    Console.WriteLine($"translated    {outcome.Translated:P1}");
    file.Directory!.Create();
    StyleReport.Write(file.FullName, outcome);
    Console.WriteLine($"report: {file.FullName}");
});
return command.Parse(args).Invoke();

static Option<int> Whole(string name, int usual, string description)
{
    var option = new Option<int>(name)
    {
        Description = $"{description} {usual} if not given.",
        DefaultValueFactory = _ => usual,
    };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
        {
            result.AddError($"{name} must be at least 1.");
        }
    });
    return option;
}
