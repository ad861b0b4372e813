// The file system behind the public API: HyDFS as node/file_service.h asks it. It belongs to the node's loop.
#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "node/files/doors.h"

namespace rs {
class FileDesk final : public FileService {
 public:
  explicit FileDesk(files::Doors doors) : doors_(std::move(doors)) {}
  std::unique_ptr<FileTicket> begin(const FileOrder& order) override { return files::make_ticket(doors_, order); }
  std::unique_ptr<FileUpload> upload(const UploadOrder& order) override { return files::make_upload(doors_, order); }
  std::unique_ptr<FileDownload> download(const DownloadOrder& order) override {
    return files::make_download(doors_, order);
  }
  std::vector<RingMember> ring() override;

 private:
  const files::Doors doors_;
};
}  // namespace rs
