using System.Globalization;
using TransferLearning.Evaluation;
using TransferLearning.Tests.Support;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.ZeroShot;

/// <summary>
/// The attributes of Animals with Attributes 2, and the word vectors of those animals whose name is a word of the GloVe
/// file.
/// </summary>
public sealed class AnimalsTests : IDisposable
{
    // The test classes of the authors' split.
    private static readonly string[] Held =
    [
        "chimpanzee",
        "giant+panda",
        "leopard",
        "persian+cat",
        "pig",
        "hippopotamus",
        "humpback+whale",
        "raccoon",
        "rat",
        "seal",
    ];

    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Classifiers_OfFortyAnimals_ReadTheTenOthersByTheirAttributes()
    {
        var (names, attributes) = Animals();
        var held = Held.Select(name => Array.IndexOf(names, name)).ToHashSet();
        using var generator = new RandomKey(1).Generator();
        var mixture = randn([85, 64], generator: generator);
        LabeledDomain Rows(IEnumerable<int> classes)
        {
            var labels = tensor(classes.SelectMany(c => Enumerable.Repeat((long)c, 10)).ToArray());
            var noise = randn([labels.shape[0], 85], generator: generator) * 20; // of attributes from 0 to 100
            var inputs = ((attributes.index_select(0, labels) + noise) / 100).matmul(mixture);
            return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(names));
        }
        var all = Enumerable.Range(0, names.Length);
        var (source, unseen) = (Rows(all.Where(c => !held.Contains(c))), Rows(all.Where(held.Contains)));
        var described = new ClassDescriptions(attributes / 100);

        double Read(ILabelLearner learner) =>
            AccuracyInterval.Of(learner.Fit(source).Predict(unseen.Inputs), unseen.Labels).Value;

        Assert.InRange(Read(new EmbarrassinglySimpleZeroShot(described)), 0.6, 1);
        Assert.InRange(Read(new SemanticAutoencoder(described)), 0.6, 1);
        Assert.InRange(Read(new IndirectAttributePrediction(described.Binary())), 0.4, 1);
    }

    [Fact]
    public void WordVectors_OfElevenAnimals_TellTwoOthersApartByTheirAttributes()
    {
        var (names, attributes) = Animals();
        var words = File.ReadAllLines(SharedData.File("words", "words.txt"));
        var vectors = NumpyBytes.Read(SharedData.File("words", "glove840b_300d_2052words.npz"), "v");
        var both = names.Where(words.Contains).ToArray();
        var rows = vectors.index_select(0, tensor(both.Select(name => (long)Array.IndexOf(words, name)).ToArray()));
        var known = attributes.index_select(0, tensor(both.Select(name => (long)Array.IndexOf(names, name)).ToArray()));
        var descriptions = new ClassDescriptions(known / 100);
        rows /= rows.norm(1, keepdim: true);
        var (right, count) = (0, 0);
        for (var i = 0; i < both.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var others = Enumerable.Range(0, both.Length).Where(k => k != i && k != j).Select(k => (long)k);
                var labels = tensor(others.ToArray());
                var data = new LabeledDomain(
                    rows.index_select(0, labels),
                    labels,
                    space: LabelSpace.Classes(both.Length)
                );
                var predictor = new EmbarrassinglySimpleZeroShot(descriptions).Fit(data);
                var scores = predictor.Predict(rows.index_select(0, tensor(new long[] { i, j })));
                // The better of the two ways to match them (Palatucci et al. 2009).
                right +=
                    (scores[0, i] + scores[1, j]).item<float>() > (scores[0, j] + scores[1, i]).item<float>() ? 1 : 0;
                count++;
            }
        }

        var accuracy = AccuracyInterval.Of(right, count);
        Assert.True(accuracy.Lower > 0.5, $"{accuracy} of pairs");
    }

    public void Dispose() => scope.Dispose();

    private static (string[] Names, Tensor Attributes) Animals()
    {
        var names = File.ReadAllLines(SharedData.File("zero_shot", "AWA2_classes.txt"));
        var numbers = File.ReadLines(SharedData.File("zero_shot", "AWA2_class_attributes.csv"))
            .SelectMany(line => line.Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture)))
            .ToArray();
        return (names, tensor(numbers).reshape(names.Length, -1));
    }
}
