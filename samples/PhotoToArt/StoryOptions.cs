using System.CommandLine;

namespace PhotoToArt;

/// <summary>What the command line asks for.</summary>
/// <param name="Source">The folder of labeled images, with a sub-folder for each class.</param>
/// <param name="Target">The folder of images of the other domain, likewise; its labels judge alone.</param>
/// <param name="Output">Where features and the report go.</param>
/// <param name="Epochs">How many epochs the whole network is tuned for; 0 leaves the tuned rows out.</param>
internal sealed record StoryOptions(string Source, string Target, string Output, int Epochs)
{
    /// <summary>Reads the arguments and calls <paramref name="run"/>.</summary>
    /// <returns>The exit code: that of <paramref name="run"/>, or 1 after a message about the arguments.</returns>
    public static int Parse(string[] arguments, Func<StoryOptions, CancellationToken, int> run)
    {
        var data = new Option<string>("--data")
        {
            Description =
                "A folder with a sub-folder for each domain, each with a sub-folder of images for each class.",
            DefaultValueFactory = _ => "data",
        };
        var source = new Option<string>("--source")
        {
            Description = "The domain whose labels are learned from.",
            DefaultValueFactory = _ => "photo",
        };
        var target = new Option<string>("--target")
        {
            Description = "The domain that is read; its labels judge, and nothing else.",
            DefaultValueFactory = _ => "art_painting",
        };
        var output = new Option<string>("--output")
        {
            Description = "Where the features and the report go.",
            DefaultValueFactory = _ => Path.Combine("artifacts", "photo-to-art"),
        };
        var epochs = new Option<int>("--tune")
        {
            Description = "Tunes the whole network too, for so many epochs: minutes each on a processor.",
        };
        var command = new RootCommand("Photographs teach a pretrained network to read paintings.")
        {
            data,
            source,
            target,
            output,
            epochs,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                string Domain(Option<string> name) =>
                    Path.Combine(parsed.GetRequiredValue(data), parsed.GetRequiredValue(name));
                var options = new StoryOptions(
                    Domain(source),
                    Domain(target),
                    Path.GetFullPath(parsed.GetRequiredValue(output)),
                    Math.Max(0, parsed.GetValue(epochs))
                );
                return Task.Run(() => run(options, cancellation), CancellationToken.None);
            }
        );
        return command.Parse(arguments).Invoke();
    }
}
