// ML.NET's ResNet-18 featurizer and linear trainers beside this library, on the same folders of images:
// `dotnet run -c Release --project benchmarks/peers/MlNet -- --data <folder>`, where the folder holds a folder for each
// domain, each with a folder of images for each class.
using System.CommandLine;
using MlNet;

var data = new Option<string>("--data")
{
    Description = "The folder of the domains, such as PACS: domain/class/image.",
    Required = true,
};
var rounds = new Option<int>("--rounds")
{
    Description = "How often each side reads and featurizes the images of a domain.",
    DefaultValueFactory = _ => 3,
};
var command = new RootCommand("Accuracy and images a second of ML.NET and of this library.") { data, rounds };
command.SetAction(parsed =>
{
    var folder = Path.GetFullPath(parsed.GetRequiredValue(data));
    if (!Directory.Exists(folder) || Directory.GetDirectories(folder).Length < 2)
    {
        Console.Error.WriteLine($"'{folder}' must hold two folders or more, one a domain, each with one a class.");
        return 1;
    }
    Comparison.Run(
        Directory.GetDirectories(folder).Order(StringComparer.Ordinal),
        Math.Max(1, parsed.GetValue(rounds))
    );
    return 0;
});
return command.Parse(args).Invoke();
