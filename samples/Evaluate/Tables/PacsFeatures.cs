using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>What the tables of PACS (Li 2017) share: ResNet-18 features of three domains, and networks on them.</summary>
internal static class PacsFeatures
{
    private const int Width = 512;
    private const int Classes = 7;

    /// <summary>Photographs, paintings and cartoons.</summary>
    public static IReadOnlyList<string> Domains { get; } = ["photo", "art", "cartoon"];

    /// <summary>What reads a domain by its name: rows of length sqrt(512), float32.</summary>
    /// <param name="data">The folder that holds the data sets.</param>
    public static Func<string, LabeledDomain> Reader(string data)
    {
        var archive = new LabeledArchive(Path.Combine(data, "pacs", "pacs3_resnet18_512.npz"), Classes);
        return domain => archive.HalfFeatures(domain, Scaled);
    }

    /// <summary>A domain's letter in the tables' heads.</summary>
    public static char Letter(string domain) => char.ToUpperInvariant(domain[0]);

    /// <summary>A task for each two domains, in both directions; all target rows are seen and judged.</summary>
    /// <param name="read">Reads a domain by its name.</param>
    public static IReadOnlyList<EvaluationTask> Pairs(Func<string, LabeledDomain> read) =>
        [
            .. from source in Domains
            from target in Domains
            where target != source
            select new EvaluationTask(
                $"{Letter(source)} to {Letter(target)}",
                _ => new TaskData(read(source), read(target))
            ),
        ];

    /// <summary>The modules of one fit.</summary>
    /// <param name="seed">Draws their first values.</param>
    /// <param name="classes">How many classes the classifier has.</param>
    public static Networks NewNetworks(long seed, int classes = Classes) => new(seed, Width, classes);

    /// <summary>The options with batches of 64 rows for some epochs.</summary>
    public static FitOptions Trained(FitOptions options, int epochs) =>
        options with
        {
            Training = new TrainingOptions { Epochs = epochs, BatchSize = 64 },
        };

    /// <summary>A method of 40 epochs.</summary>
    /// <param name="name">Its name in the table.</param>
    /// <param name="chain">Makes its chain of new modules.</param>
    /// <param name="fit">Fits the chain to a task's data.</param>
    public static EvaluationMethod Method(
        string name,
        Func<Networks, AdaptationBuilder> chain,
        Func<AdaptationBuilder, TaskData, FitOptions, CancellationToken, AdaptedModel> fit
    ) =>
        new(
            name,
            (data, options, stop) => fit(chain(NewNetworks(options.Seed)), data, Trained(options, epochs: 40), stop)
        );

    /// <summary>Rows of the length sqrt(d), at which a network begins well.</summary>
    public static Tensor Scaled(Tensor rows) =>
        (DomainRows.OfUnitLength(rows) * Math.Sqrt(rows.shape[1])).to(ScalarType.Float32);
}
