using TransferLearning.Tests.Support;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Vision;

/// <summary>Features that are computed once.</summary>
public sealed class FeatureStoreTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();
    private readonly Backbone network = Backbones.SqueezeNet(until: "features.2");
    private readonly ImageFolderOptions small = new() { Size = 32 };

    public FeatureStoreTests()
    {
        for (var i = 0; i < 5; i++)
        {
            Pictures.Write(work.File($"images/{(i < 2 ? "cat" : "dog")}/{i}.png"), 30 + i, 40);
        }
    }

    [Fact]
    public void Features_AskedAgain_ComeFromDisk()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));

        var features = store.Features(network, images, batchSize: 2);
        var file = Assert.Single(Directory.GetFiles(work.File("store")));
        var written = File.GetLastWriteTimeUtc(file);
        var again = store.Labeled(network, images);

        network.eval();
        Assert.True(features.allclose(network.call(images.Read(arange(0, 5))), 1e-5, 1e-6));
        Assert.Equal(features, again.Inputs);
        Assert.Equal([0L, 0, 1, 1, 1], again.Labels.data<long>().ToArray());
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
        Assert.False(features.requires_grad);
    }

    [Fact]
    public void Features_OfChangedCauses_AreComputedAnew()
    {
        var store = new FeatureStore(work.File("store"));
        var images = ImageFolder.Open(work.File("images"), small);
        using var first = store.Features(network, images);

        using (no_grad())
        {
            network.parameters().First().add_(1);
        }
        var other = store.Features(network, images);
        store.Features(network, ImageFolder.Open(work.File("images"), small with { Size = 40 }));
        Pictures.Write(work.File("images/cat/0.png"), 90, 40);
        store.Features(network, ImageFolder.Open(work.File("images"), small));

        Assert.False(first.allclose(other));
        Assert.Equal(4, Directory.GetFiles(work.File("store")).Length);
    }

    [Fact]
    public void Features_Canceled_EndAndReportWhatWasDone()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));
        using var stop = new CancellationTokenSource();
        var seen = new Seen(_ => stop.Cancel());

        Assert.Throws<OperationCanceledException>(() =>
            store.Features(network, images, batchSize: 1, seen, stop.Token)
        );

        Assert.Equal([(1L, 5L)], seen.Reports);
        Assert.Equal(5, store.Features(network, images).shape[0]);
    }

    [Fact]
    public void Features_OfANetworkThatGivesImages_AreRefused()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));

        Assert.Throws<ArgumentException>(() => store.Features(nn.Identity(), images));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Features(network, images, batchSize: 0));
        Assert.Empty(Directory.GetFiles(work.File("store")));
    }

    public void Dispose()
    {
        network.Dispose();
        scope.Dispose();
        work.Dispose();
    }

    private sealed class Seen(Action<(long Done, long Of)> then) : IProgress<(long Done, long Of)>
    {
        public List<(long Done, long Of)> Reports { get; } = [];

        public void Report((long Done, long Of) value)
        {
            Reports.Add(value);
            then(value);
        }
    }
}
