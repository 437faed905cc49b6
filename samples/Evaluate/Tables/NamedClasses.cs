using Evaluate.Data;
using Evaluate.Measuring;
using TransferLearning;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>
/// ConSE end to end: images of PACS (Li 2017) by ImageNet's classes (SqueezeNet 1.0) and the words of their names
/// (GloVe).
/// </summary>
internal static class NamedClasses
{
    private static readonly (string Folder, string Name)[] Domains =
    [
        ("photo", "photographs"),
        ("art_painting", "paintings"),
        ("cartoon", "cartoons"),
    ];

    private static readonly string[] Animals = ["dog", "elephant", "horse"];
    private static readonly string[] Six = ["dog", "elephant", "guitar", "horse", "house", "person"];

    /// <summary>Three animals, and all six classes whose names have a word vector.</summary>
    public static EvaluationTable Table(string data)
    {
        var words = new WordVectors(Path.Combine(data, "words"));
        var names = new Lazy<SynsetNames>(() =>
            SynsetNames.Read(Path.Combine(data, "pretrained", "imagenet_synset_words.txt"), words)
        );
        var scores = Domains.ToDictionary(
            domain => domain.Folder,
            domain => new Lazy<LabeledDomain>(() => Scores(data, domain.Folder)),
            StringComparer.Ordinal
        );
        EvaluationTask Task(string heading, string folder, string[] classes) =>
            new(
                heading,
                _ =>
                {
                    var of = Some(scores[folder].Value, classes);
                    return new NamedTask(of, of, names.Value, words.Of(classes));
                }
            );
        EvaluationMethod Conse(int likeliest) =>
            new(
                $"ConSE, the {likeliest} likeliest class{(likeliest == 1 ? "" : "es")}",
                (task, _, _) =>
                    new AdaptedModel(
                        ExtractorChain.Of(),
                        new NameReader(((NamedTask)task).Names, ((NamedTask)task).Targets, likeliest)
                    )
            );
        return new EvaluationTable(
            "pacs-names",
            "PACS by the names of its classes",
            "No image of PACS is learned from. SqueezeNet 1.0, trained on ImageNet's 1,000 classes, scores the center "
                + "of each image at 224x224; a row lies at the mean of the word vectors (GloVe, 300 numbers) of its "
                + "likeliest ImageNet classes, weighted by their probabilities, and is of the class whose own word's "
                + "vector points that way. ImageNet classes whose names have no known word do not count: a class's vector "
                + "is that of its first name whose every word is known, else of the first name whose last word is. Of "
                + "PACS's classes the giraffe's word is not among the vectors at hand. \"animals\": dogs, elephants and "
                + "horses, told apart among these; \"all six\": with guitars, houses and persons. Chance reads 33.3 and "
                + "16.7. ImageNet names many breeds of dogs, elephants and guitars, but of horses only the sorrel, whose "
                + "word is not at hand, and few persons. Published: none for these classes. Time is without the network's "
                + "pass.",
            Measure.Accuracy,
            [
                .. Domains.Select(domain => Task($"animals, {domain.Name}", domain.Folder, Animals)),
                .. Domains.Select(domain => Task($"all six, {domain.Name}", domain.Folder, Six)),
            ],
            [Conse(10), Conse(1), Conse(100)]
        );
    }

    // ImageNet's scores [n, 1000] of a domain's images, computed once.
    private static LabeledDomain Scores(string data, string domain)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = Backbones.SqueezeNet(
            Path.Combine(data, "pretrained", "squeezenet1_0.safetensors"),
            until: "classifier",
            isVersion10: true
        );
        var images = ImageFolder.Open(Path.Combine(data, "pacs", domain));
        var parts = new List<Tensor>();
        for (long start = 0; start < images.Count; start += 64)
        {
            using var pass = NewDisposeScope();
            var rows = images.Read(arange(start, Math.Min(start + 64, images.Count), dtype: int64));
            parts.Add(network.call(rows).MoveToOuterDisposeScope());
        }

        var labeled = images.Labeled();
        return new LabeledDomain(
            cat([.. parts]).DetachFromDisposeScope(),
            labeled.Labels.clone().DetachFromDisposeScope(),
            space: labeled.Space
        );
    }

    // PACS's folders, in the order of their names.
    private static readonly string[] Folders = ["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"];

    private static LabeledDomain Some(LabeledDomain domain, string[] classes)
    {
        var numbers = classes.Select(name => (long)Array.IndexOf(Folders, name)).ToArray();
        var labels = domain.Labels;
        var rows = cat([.. numbers.Select(number => labels.eq(number).nonzero().squeeze(1))]);
        var counts = numbers.Select((number, i) => full(labels.eq(number).sum().item<long>(), (long)i, int64));
        return new LabeledDomain(
            domain.Inputs.index_select(0, rows),
            cat([.. counts]),
            space: LabelSpace.Classes(classes.Length)
        );
    }

    private sealed record NamedTask(LabeledDomain Source, LabeledDomain Target, SynsetNames Names, Tensor Targets)
        : TaskData(Source, Target);
}
